// What is published: exactly these files, small enough, with a README that works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";

import { PACKAGE } from "./files.js";

const SOURCES = [
  "adaptive", "chart", "codec", "corridor", "error", "event", "exchange", "fetched", "fleet", "given", "index", "module", "monitor",
  "read", "records", "scenario", "series", "verdict",
];

/** Bytes in brotli, which is how browsers fetch them. That of the first is what a page waits for, and a goal. */
const BUDGETS = {
  "series.wasm": 20_480, "explain.wasm": 11_300, "adaptive.wasm": 37_600, "scenario.wasm": 10_000, "fleet.wasm": 25_700,
  "fleet-simd.wasm": 26_900, "records.wasm": 108_400,
};

/** So many times as large where the standard library was taken as it comes, not compiled for size. */
const ALLOWANCE = process.env.DRIFT_SRE_LIBRARY === "small" ? 1 : 1.5;

test("the list of files", () => {
  const compiled = SOURCES.flatMap((name) => [`${name}.d.ts`, `${name}.js`]);
  const generated = ["generated/schema.d.ts", "generated/schema.js"];
  const wanted = ["LICENSE", "README.md", "package.json", ...Object.keys(BUDGETS), ...compiled, ...generated];
  const found = readdirSync(PACKAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(PACKAGE.length + 1));
  assert.deepEqual(found.sort(), wanted.sort());
});

test("nothing is run at installation, nothing else is installed", () => {
  const { scripts, dependencies, version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  assert.equal(scripts, undefined);
  assert.equal(dependencies, undefined);
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.notEqual(version, "0.0.0");
});

test("no code is made out of strings", () => {
  for (const name of readdirSync(PACKAGE, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    assert.doesNotMatch(readFileSync(join(PACKAGE, name), "utf8"), /\beval\(|new Function/, name);
  }
});

for (const [name, small] of Object.entries(BUDGETS)) {
  const budget = ALLOWANCE * small;
  test(`${name} keeps within ${budget} bytes`, () => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    const { length } = brotliCompressSync(readFileSync(join(PACKAGE, name)), { params });
    assert.ok(length <= budget, `${length} bytes`);
  });
}

test("the README's example prints what it says", () => {
  const [, example] = readFileSync(join(PACKAGE, "README.md"), "utf8").match(/```js\n([^]*?)```/);
  const file = new URL("./readme.js", import.meta.url);
  writeFileSync(file, example);
  const told = execFileSync(process.execPath, [file.pathname], { encoding: "utf8" });
  assert.equal(told.trim(), example.match(/explain\(.*\/\/ (.*)/)[1]);
});
