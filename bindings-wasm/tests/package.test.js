// What is published: exactly these files, small enough, with a README that works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";

import { PACKAGE } from "./files.js";

const SOURCES = [
  "adaptive", "chart", "codec", "corridor", "error", "event", "fetched", "fleet", "index", "module", "monitor", "read", "records",
  "scenario", "series", "verdict",
];

/** Bytes in brotli, which is how browsers fetch them. */
const BUDGETS = { "series.wasm": 112_000, "series-simd.wasm": 116_000, "records.wasm": 135_000 };

test("the list of files", () => {
  const compiled = SOURCES.flatMap((name) => [`${name}.d.ts`, `${name}.js`]);
  const generated = ["records_bg.d.ts", "records_bg.js", "schema.d.ts", "schema.js", "series_bg.d.ts", "series_bg.js"].map((name) => `generated/${name}`);
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

for (const [name, budget] of Object.entries(BUDGETS)) {
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
