// The dashboard of a server, against a stub of its API.

import { EventParser } from "../src/server/stream";
import { PAYLOADS } from "./payloads";
import { expect, test } from "./site";

test.beforeEach(({ site }) => {
  site.stub.key = null;
  site.stub.drift = null;
  site.stub.services = ["checkout", "search", "payments"];
});

test("services, their timelines and what happened are shown", async ({ watched: page, site }) => {
  site.stub.drift = site.stub.opened("checkout", "latency_ms rose from 150 ms to 240 ms");
  await page.goto(`${site.address}server.html`);
  await expect(page.locator("#summary")).toHaveText("3 watched, 1 drifting");
  await expect(page.locator("#service-name")).toHaveText("checkout");
  await expect(page.locator("#service-standing")).toHaveText("drifting");
  await expect(page.locator(".metric canvas")).toHaveCount(2);
  await expect(page.locator(".metric .hidden").first()).toContainText("one still open");
  await expect(page.locator("#events li")).toContainText("latency_ms rose from 150 ms to 240 ms");
  await page.locator("#services button", { hasText: "search" }).click();
  await expect(page.locator("#service-name")).toHaveText("search");
});

test("live samples and drifts arrive", async ({ watched: page, site }) => {
  await page.goto(`${site.address}server.html`);
  await expect(page.locator(".metric canvas")).toHaveCount(2);
  await page.locator("#services button", { hasText: "checkout" }).click();
  await expect(page.locator("#service-name")).toHaveText("checkout");
  await expect
    .poll(() => site.stub.send("samples", { samples: [site.stub.sample("checkout", 1, 333)] }))
    .toBe(1);
  await expect(page.locator(".metric figcaption").first()).toContainText("333 ms");
  site.stub.drift = site.stub.opened("checkout", "latency_ms rose");
  site.stub.send("drift", site.stub.drift);
  await expect(page.locator("#events li")).toContainText("latency_ms rose");
  await expect(page.locator("#service-standing")).toHaveText("drifting");
});

test("a lost connection is told, and mended", async ({ watched: page, site }) => {
  await page.goto(`${site.address}server.html`);
  await expect(page.locator("#connection")).toHaveText("live");
  site.stub.drop();
  await expect(page.locator("#connection")).toHaveText(/^connection lost, trying again in \d+ s$/);
  await expect(page.locator("#connection")).toHaveText("live");
});

test("a key is asked for, kept for the tab and sent", async ({ page, site }) => {
  site.stub.key = "sesame";
  await page.goto(`${site.address}server.html`);
  await page.getByLabel("This server wants an API key").fill("wrong");
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.locator("#key-form")).toBeVisible();
  await page.getByLabel("This server wants an API key").fill("sesame");
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.locator("#connection")).toHaveText("live");
  await page.reload();
  await expect(page.locator("#connection")).toHaveText("live");
  expect(page.url()).not.toContain("sesame");
});

test("names of services are text, whatever they say", async ({ watched: page, site }) => {
  site.stub.services = [...PAYLOADS];
  site.stub.drift = site.stub.opened(PAYLOADS[0]!, PAYLOADS[1]!);
  await page.goto(`${site.address}server.html`);
  await expect(page.locator("#summary")).toHaveText(
    `${PAYLOADS.length} watched, 1 drifting, the first 200 shown`,
  );
  await expect(page.locator("#service-name")).toHaveText(PAYLOADS[0]!);
  await expect(page.locator("#events li")).toContainText(PAYLOADS[1]!);
  const strange = await page
    .locator("main")
    .evaluate((main) => main.querySelectorAll("img, script, iframe, object").length);
  expect(strange).toBe(0);
  expect(await page.evaluate(() => (window as { __executed?: number }).__executed ?? 0)).toBe(0);
});

test("streams are read as the standard says, however they are cut", () => {
  const text =
    ': note\r\nevent: drift\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata:x\n\nevent: none\n\nid: 7\ndata\n\n';
  const wanted = [
    ["drift", '{"a":\n1}'],
    ["message", "x"],
    ["message", ""],
  ];
  for (let size = 1; size <= text.length; size++) {
    const got: string[][] = [];
    const parser = new EventParser((event, data) => got.push([event, data]));
    for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
    expect(got).toEqual(wanted);
  }
});
