// The dashboard as the server itself serves it, over its own data. DRIFT_SRE names the program.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect, test as base } from "@playwright/test";

const PROGRAM =
  process.env["DRIFT_SRE"] ?? fileURLToPath(new URL("../../target/debug/drift-sre", import.meta.url));

const test = base.extend<{ address: string }>({
  address: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "drift-sre-"));
    const env = { API_PORT: "0", DATABASE_PATH: join(folder, "dashboard.db"), DRIFT_SRE_LOG: "error" };
    const server: ChildProcess = spawn(PROGRAM, ["serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => server.once("exit", resolve));
    try {
      const lines = createInterface({ input: server.stdout! })[Symbol.asyncIterator]();
      const ready = String((await lines.next()).value);
      await use(ready.slice(ready.indexOf("http://")));
    } finally {
      server.kill();
      await ended;
      rmSync(folder, { recursive: true });
    }
  },
});

/** Latencies of `pay`, one a second up to now. */
async function tell(address: string, latencies: readonly number[]): Promise<void> {
  const last = Date.now() / 1000;
  const lines = latencies.map((latency_ms, index) => {
    const timestamp = new Date((last - latencies.length + 1 + index) * 1000).toISOString();
    return JSON.stringify({ service_id: "pay", latency_ms, payload_kb: 2.5 + (index % 3) / 10, timestamp });
  });
  const answer = await fetch(`${address}/v1/telemetry/batch`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  expect(answer.status).toBe(202);
}

const calm = Array.from({ length: 200 }, (_, index) => 150 + 20 * Math.sin(index * 2.4));

test("a service, its drift and what comes next are shown", async ({ page, address }) => {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await tell(address, calm);
  await page.goto(address);
  await expect(page.locator("#connection")).toHaveText("live");
  await expect(page.locator("#service-name")).toHaveText("pay");
  await expect(page.locator("#service-standing")).toHaveText("normal");
  await expect(page.locator(".metric canvas")).toHaveCount(2);
  await expect(page.locator("#events li")).toContainText("pay is known well enough to be judged");
  await tell(address, [510, 495, 505, 520, 500]);
  await expect(page.locator("#service-standing")).toHaveText("drifting");
  await expect(page.locator("#events li").first()).toContainText(/latency_ms rose from 1\d\d ms to 50\d ms/);
  await expect(page.locator(".metric .hidden").first()).toContainText("one still open");
  await expect(page.locator(".metric figcaption").first()).toContainText("500 ms");
  expect(complaints).toEqual([]);
});
