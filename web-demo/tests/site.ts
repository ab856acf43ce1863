// The built pages as they are served, and a browser that is watched: what it logs, and whom it asks.

import { fileURLToPath } from "node:url";

import { test as base, expect, type ConsoleMessage, type Page, type Request } from "@playwright/test";
import { preview, type PreviewServer } from "vite";

import { StubServer } from "./stub-server";

interface Site {
  address: string;
  stub: StubServer;
}

export const test = base.extend<{ watched: Page }, { site: Site }>({
  site: [
    async ({}, use) => {
      const stub = new StubServer();
      const server: PreviewServer = await preview({
        root: fileURLToPath(new URL("..", import.meta.url)),
        logLevel: "error",
        preview: { host: "127.0.0.1", port: 0, strictPort: false, open: false },
        plugins: [
          { name: "stub", configurePreviewServer: ({ middlewares }) => void middlewares.use(stub.answer) },
        ],
      });
      const address = server.resolvedUrls!.local[0]!;
      await use({ address, stub });
      stub.drop();
      await server.close();
    },
    { scope: "worker" },
  ],
  watched: async ({ page, site }, use) => {
    const complaints: string[] = [];
    const strangers: string[] = [];
    const own = new URL(site.address).origin;
    page.on("console", (message: ConsoleMessage) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request: Request) => {
      const { origin, protocol } = new URL(request.url());
      // A download is a blob of the page's own.
      if (origin !== own && protocol !== "blob:") strangers.push(request.url());
    });
    await use(page);
    expect(complaints, "what the browser complained of").toEqual([]);
    expect(strangers, "requests beyond the page's own origin").toEqual([]);
  },
});

export { expect };

/** The demo with its Workers ready, the same for the same seed. */
export async function openDemo(page: Page, site: Site, query = "seed=1&speed=400"): Promise<void> {
  await page.goto(`${site.address}index.html?${query}`);
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
}
