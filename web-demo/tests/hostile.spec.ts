// Text that would like to be more than text.

import type { Page } from "@playwright/test";

import { POLICY } from "../csp";
import { visible } from "../src/shared/dom";
import { PAYLOADS } from "./payloads";
import { expect, openDemo, test } from "./site";

/** What ran, and elements that only a payload would have brought. */
async function harm(page: Page, within: string): Promise<unknown> {
  return page.evaluate((selector) => {
    const places = [...document.querySelectorAll(selector)];
    const allowed = new Set([
      "LI",
      "OL",
      "UL",
      "SPAN",
      "B",
      "TIME",
      "CODE",
      "OPTION",
      "SUMMARY",
      "DETAILS",
      "P",
    ]);
    const strange = places
      .flatMap((place) => [...place.querySelectorAll("*")])
      .filter(({ tagName }) => !allowed.has(tagName));
    const scripts = [...document.scripts].filter(({ src }) => src === "");
    const executed = (window as { __executed?: number }).__executed ?? 0;
    return { executed, strange: strange.map(({ outerHTML }) => outerHTML), scripts: scripts.length };
  }, within);
}

const HARMLESS = { executed: 0, strange: [], scripts: 0 };

test("there are enough payloads", () => {
  expect(new Set(PAYLOADS).size).toBeGreaterThanOrEqual(200);
});

test("log lines are text, whatever they say", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  await page.getByRole("button", { name: "Pause" }).nth(1).click();
  const lines = PAYLOADS.map((payload) => payload.replaceAll(/[\r\n]/g, " "));
  await page.getByLabel("Lines of your own").fill(lines.join("\n"));
  await page.getByRole("button", { name: "Judge" }).click();
  await expect(page.locator("#lines li").last()).toHaveText(visible(lines.at(-1)!));
  const shown = await page.locator("#lines li").allTextContents();
  expect(shown.slice(-lines.length)).toEqual(lines.slice(-shown.length).map(visible));
  expect(await harm(page, "#lines, #oddities")).toEqual(HARMLESS);
});

test("names of columns are text, whatever they say", async ({ watched: page, site }) => {
  await openDemo(page, site, "seed=1&speed=1");
  const quoted = PAYLOADS.map((payload) => `"${payload.replaceAll('"', '""')}"`).join(",");
  const rows = Array.from({ length: 300 }, (_, row) =>
    PAYLOADS.map(() => (row >= 200 ? 500 : row % 7)).join(","),
  );
  await page.locator("#file").setInputFiles({
    name: `<img src=x onerror="window.__executed=1">.csv`,
    mimeType: "text/csv",
    buffer: Buffer.from([quoted, ...rows].join("\n")),
  });
  await expect(page.locator("#column option")).toHaveCount(PAYLOADS.length);
  for (let column = 0; column < PAYLOADS.length; column += 10) {
    await page.locator("#column").selectOption(String(column));
    const name = visible(PAYLOADS[column]!.trim());
    await expect(page.locator("#backtest-told")).toContainText(name.slice(0, 40).trim());
  }
  expect(await harm(page, "#column, #time-column, #found, #backtest-told, #bad")).toEqual(HARMLESS);
});

test("the policy stands in the pages and in the headers, and holds", async ({ page, site }) => {
  for (const name of ["index.html", "server.html"]) {
    const response = await page.goto(site.address + name);
    expect(response!.headers()["content-security-policy"]).toBe(`${POLICY}; frame-ancestors 'none'`);
    const meta = page.locator("meta[http-equiv=Content-Security-Policy]");
    await expect(meta).toHaveAttribute("content", POLICY);
    await page.evaluate(() => {
      const refused = new Set<string>();
      Object.assign(window, { refused });
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
        refused.add(effectiveDirective),
      );
      const script = document.createElement("script");
      script.textContent = "window.__executed = 1";
      document.body.append(script);
      fetch("https://example.invalid/").catch(() => undefined);
    });
    const refused = (): Promise<string[]> =>
      page.evaluate(() => [...(window as unknown as { refused: Set<string> }).refused].sort());
    await expect.poll(refused).toEqual(["connect-src", "script-src-elem"]);
    expect(await page.evaluate(() => "__executed" in window)).toBe(false);
  }
});
