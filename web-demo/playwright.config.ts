// How the pages are tested: in Debian's Chromium, or the one that DRIFT_SRE_CHROMIUM names.

import { defineConfig } from "@playwright/test";

// A browser that talks to nobody on its own account.
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "tests",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: "list",
  projects: [
    { name: "pages", testMatch: "*.spec.ts" },
    { name: "server", testMatch: "*.real.ts" },
    { name: "bench", testMatch: "*.bench.ts" },
  ],
  timeout: 60_000,
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    launchOptions: { executablePath: process.env["DRIFT_SRE_CHROMIUM"] ?? "/usr/bin/chromium", args: QUIET },
  },
});
