// How the pages are built: files of their own, found from wherever they are served.

import { defineConfig } from "vite";

import { HEADERS } from "./csp.ts";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    // Small files would otherwise become data: addresses, which the policy forbids.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "server.html"] },
  },
  worker: { format: "es" },
  preview: { headers: HEADERS },
});
