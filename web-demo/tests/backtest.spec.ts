// Data of one's own: dropped, pasted, judged, saved.

import { readFile } from "node:fs/promises";

import { expect, openDemo, test } from "./site";

/** A step after six hundred rows, noise that is the same every time. */
const values = Array.from({ length: 900 }, (_, row) => 100 + 8 * Math.sin(row * row) + (row >= 600 ? 30 : 0));

function csv(): string {
  const start = Date.parse("2026-03-01T00:00:00Z");
  const rows = values.map(
    (value, row) => `${new Date(start + 60_000 * row).toISOString()},api,${value.toFixed(3)}`,
  );
  rows[9] = rows[9]!.replace(/[^,]*$/, "oops");
  rows[19] = "2026-02-01T00:00:00Z,api,3";
  return ["time,service,latency", ...rows].join("\r\n");
}

test("a dropped CSV is judged, its bad rows are named, its events can be had", async ({
  watched: page,
  site,
}) => {
  await openDemo(page, site, "seed=1&speed=1");
  const text = csv();
  await page.locator("#drop").evaluate((zone, content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], "latency.csv", { type: "text/csv" }));
    zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, text);
  await expect(page.locator("#backtest-told")).toHaveText(
    /^latency: 898 samples judged in .+, \d+ events?\.$/,
  );
  await expect(page.locator("#column option:checked")).toHaveText("latency");
  await expect(page.locator("#time-column option:checked")).toHaveText("time");
  await expect(page.locator("#found li").filter({ hasText: "latency rose from" }).first()).toBeVisible();
  await page.locator("#bad summary").click();
  await expect(page.locator("#bad li")).toHaveText([
    'line 11, latency: "oops" is not a number',
    'line 21, time: "2026-02-01T00:00:00Z" is not a time after the one before it',
  ]);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as JSON" }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe("latency-events.json");
  const { events } = JSON.parse(await readFile(await download.path(), "utf8")) as {
    events: { explanation: string }[];
  };
  expect(events.some(({ explanation }) => explanation.startsWith("latency rose from"))).toBe(true);
});

test("pasted numbers are judged, however they are separated", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  for (const separator of [" ", ", ", ";", "\n"]) {
    await page.getByLabel("or paste numbers").fill(values.map((value) => value.toFixed(2)).join(separator));
    await expect(page.locator("#backtest-told")).toHaveText(/^column 1: 900 samples judged in/);
    await expect(page.locator("#found li").first()).toContainText("rose from");
    await page.getByLabel("or paste numbers").fill("nothing here");
    await expect(page.locator("#backtest-told")).toHaveText(/there are no rows below|has no numbers/);
  }
});
