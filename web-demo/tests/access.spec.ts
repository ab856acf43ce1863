// For everybody: what axe knows of, both themes, every width, less motion.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import type { Page } from "@playwright/test";

import { expect, openDemo, test } from "./site";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface Found {
  violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

/** What axe finds, in short. The debugger evaluates it, whom the page's policy does not bind. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axe, "utf8"));
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<Found> } };
    return axe.run();
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("the demo has no faults that axe knows", async ({ watched: page, site }) => {
      await openDemo(page, site, "seed=1&speed=1");
      await page.getByLabel("or paste numbers").fill("1 2 3 4 5 6 x");
      await expect(page.locator("#backtest-result")).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });

    test("the dashboard has no faults that axe knows", async ({ watched: page, site }) => {
      site.stub.drift = site.stub.opened("checkout", "latency_ms rose from 150 ms to 240 ms");
      await page.goto(`${site.address}server.html`);
      await expect(page.locator(".metric canvas")).toHaveCount(2);
      expect(await violations(page)).toEqual([]);
    });
  });
}

test("the theme can be chosen and is kept", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.getByRole("button", { name: "Dark" }).click();
  const dark = await paper();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await paper()).toBe(dark);
});

for (const width of [360, 768, 1440, 3840]) {
  test(`nothing sticks out at ${width} pixels`, async ({ watched: page, site }) => {
    await page.setViewportSize({ width, height: 900 });
    await openDemo(page, site, "seed=1&speed=1");
    await page.getByLabel("or paste numbers").fill("1 2 3 4 5 6 7");
    await expect(page.locator("#backtest-result")).toBeVisible();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
  });
}

test("who asks for less motion gets less", async ({ watched: page, site }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openDemo(page, site, "seed=1&speed=60");
  await expect(page.locator("#log-pause")).toHaveAttribute("aria-pressed", "true");
});
