// The vectors in a worker of a real browser, under a strict Content Security Policy.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { PACKAGE, ROOT, json, vectors } from "./files.js";

const { chromium } = createRequire(join(ROOT, "bindings-wasm/package.json"))("playwright-core");

const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html", ".json": "application/json" };
/** Of a throw-away browser for one page of our own. */
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const WORKER = `
import { verify, verifyRecords } from "/tests/vectors.js";
import * as series from "/package/index.js";
import * as adaptive from "/package/adaptive.js";
import * as scenario from "/package/scenario.js";
import * as fleet from "/package/fleet.js";
import * as records from "/package/records.js";
try {
  const { simd } = await (await fetch("/options.json")).json();
  await Promise.all([series.init(), adaptive.init(), scenario.init(), fleet.init({ simd }), records.init()]);
  const numbers = verify({ ...series, ...adaptive, ...scenario, ...fleet }, await (await fetch("/vectors.json")).json());
  postMessage({ cases: numbers + verifyRecords(records, await (await fetch("/records.json")).json()) });
} catch (error) {
  postMessage({ error: String(error?.stack ?? error) });
}`;

const PAGE = `new Worker("/worker.js", { type: "module" }).onmessage = ({ data }) => { globalThis.told = data; };`;

for (const simd of [false, true]) {
  test(`vectors in a worker, vector instructions: ${simd}`, async () => {
    const made = {
      "/": ["<!doctype html><title>vectors</title><script type=module src=/page.js></script>", ".html"],
      "/page.js": [PAGE, ".js"],
      "/worker.js": [WORKER, ".js"],
      "/vectors.json": [JSON.stringify(vectors()), ".json"],
      "/records.json": [JSON.stringify(json("vectors/pinned/records.json")), ".json"],
      "/options.json": [JSON.stringify({ simd }), ".json"],
    };
    const folders = { package: PACKAGE, tests: dirname(fileURLToPath(import.meta.url)) };
    const server = createServer(async ({ url }, response) => {
      const [, folder, ...path] = normalize(url).split("/");
      // What a bundler does with the package's own imports, this does for "#load".
      const [body, type] = made[url] ?? [await readFile(join(folders[folder] ?? "/nowhere", ...path)).catch(() => null), extname(url)];
      const resolved = type === ".js" && body !== null ? String(body).replaceAll('"#load"', '"./fetched.js"') : body;
      response.writeHead(body === null ? 404 : 200, { "content-type": TYPES[type] ?? "text/plain", "content-security-policy": POLICY });
      response.end(resolved ?? "");
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const browser = await chromium.launch({ executablePath: process.env.DRIFT_SRE_CHROMIUM, args: FLAGS });
    try {
      const page = await browser.newPage();
      const complaints = [];
      page.on("console", (message) => message.type() === "error" && !message.text().includes("favicon") && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      const told = await (await page.waitForFunction(() => globalThis.told, null, { timeout: 120_000 })).jsonValue();
      assert.equal(told.error, undefined);
      assert.ok(told.cases > 150, `${told.cases} cases`);
      assert.deepEqual(complaints.filter((text) => !text.includes("404")), []);
    } finally {
      await browser.close();
      server.close();
    }
  });
}
