// The demo, used as a visitor would.

import type { Page } from "@playwright/test";

import { STREAMS } from "../src/demo/protocol";
import { expect, openDemo, test } from "./site";

test("an injected step is found, shaded and explained", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=100");
  await page.getByLabel("Shown").selectOption("600");
  await expect.poll(() => shadedPixels(page, "#focus-plot canvas")).toBeLessThan(100);
  await page.getByRole("button", { name: "Step" }).click();
  await expect(page.locator("#injected")).toHaveText("A step of 300 samples goes into latency.");
  const adaptive = page.locator("#comparison tbody tr", { hasText: "Adaptive" });
  await expect(adaptive.locator("[data-cell=delay]")).toHaveText(/^step: \d+ samples?$/);
  await page.getByRole("button", { name: "Pause" }).first().click();
  const told = page.locator("#events li", { hasText: "latency" }).filter({ hasText: "drift" }).first();
  await expect(told.locator(".text")).toHaveText(/^latency rose from .+ ms to .+ ms/);
  await expect.poll(() => shadedPixels(page, "#focus-plot canvas")).toBeGreaterThan(500);
});

test("every button injects what it says, one thing at a time", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=2&speed=1000");
  for (const [name, told] of [
    ["Spike", /^A spike of 3 samples/],
    ["Creep", /^A creep of 600 samples/],
    ["Noise", /^Noise of 300 samples/],
    ["Error burst", /^An error burst of 90 samples goes into errors/],
  ] as const) {
    const button = page.getByRole("button", { name, exact: true });
    await expect(button).toBeEnabled({ timeout: 20_000 });
    await button.click();
    await expect(page.locator("#injected")).toHaveText(told);
  }
  await expect(page.locator("#focus-name")).toHaveText("errors");
});

test("a slider sets what detectors run with, by mouse and by keyboard", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  const falseAlarms = page
    .locator("#comparison tbody tr", { hasText: "z-score" })
    .locator("[data-cell=false]");
  await page.getByLabel("Counted on").selectOption("all");
  await expect(falseAlarms).not.toHaveText("0");
  const slider = page.getByRole("slider", { name: /z-score: threshold/ });
  await slider.focus();
  await slider.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", "8");
  await expect(falseAlarms).toHaveText("0");
});

test("the same seed gives the same past", async ({ watched: page, site }) => {
  const counts = async (query: string): Promise<string[]> => {
    await openDemo(page, site, query);
    await page.getByLabel("Counted on").selectOption("all");
    return page.locator("#comparison [data-cell=false]").allTextContents();
  };
  const first = await counts("seed=7&speed=1");
  expect(await counts("seed=7&speed=1")).toEqual(first);
  expect(await counts("seed=8&speed=1")).not.toEqual(first);
});

test("charts say in words what they show", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  await expect(page.locator("#focus-told")).toHaveText(
    /^latency: now, .+\sms, expected .+ to .+, score .+ of 1\. Drifts/,
  );
  const cursor = page.getByRole("slider", { name: /^latency: one sample/ });
  await cursor.focus();
  await cursor.press("Home");
  await expect(cursor).toHaveAttribute("aria-valuetext", /^−20\smin, .+\sms/);
  for (const { name } of STREAMS)
    await expect(page.locator("#cards").getByText(name, { exact: true })).toBeVisible();
});

test("odd lines are found and explained", async ({ watched: page, site }) => {
  await openDemo(page, site);
  await page.getByRole("button", { name: "Slip in an odd line" }).click();
  const found = page.locator("#oddities li").first();
  await expect(found).toContainText("I/O error");
  await expect(found).toContainText("never seen in");
  await page.getByLabel("Lines of your own").fill("reactor 3: coolant pressure lost, scram");
  await page.getByRole("button", { name: "Judge" }).click();
  await expect(page.locator("#lines li.odd").last()).toHaveText("reactor 3: coolant pressure lost, scram");
});

test("a million series are watched, and those that break light up", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  await page.locator("#fleet-run").click();
  await page.locator("#fleet-hit").click();
  await expect(page.locator("#fleet-share")).toHaveText(/^9\d|100/, { timeout: 30_000 });
  await page.locator("#fleet-run").click();
  await expect(page.locator("#fleet-tick")).toContainText("values a second");
});

/** Pixels of a chart that are thinly orange: where a drift is shaded. */
async function shadedPixels(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate((canvas: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let shaded = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [red, , blue, alpha] = data.subarray(i, i + 4);
      if (alpha! > 15 && alpha! < 90 && red! > 200 && blue! < 60) shaded += 1;
    }
    return shaded;
  });
}
