import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The function that serves the page enters both into index.html: where it is mounted, and a nonce.
const NONCE_PLACEHOLDER = "CSP_NONCE";

// What floats above the page is large, and neither the sign-in nor the list of datasets needs it.
const FLOATS = /@floating-ui|components\/(Tooltip|Popover|Menu|Combobox|ScrollArea|Table)\//;

export default defineConfig(({ command }) => ({
  // Built, all addresses are relative to <base>; the development server stands where the function would.
  base: command === "serve" ? "/v1/app/" : "./",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  ...(command === "build" ? { html: { cspNonce: NONCE_PLACEHOLDER } } : {}),
  build: {
    outDir: "function/web/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Every file costs a request, and compresses worse alone: what the start needs comes in one, and
          // what most views share in another.
          groups: [
            { name: "start", tags: ["$initial"], priority: 2 },
            { name: "icons", test: /@tabler/, minShareCount: 2, priority: 1 },
            { name: "common", test: (id) => !FLOATS.test(id), minShareCount: 9, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "^/v1/(?!app/)": process.env.API_ORIGIN ?? "http://127.0.0.1:8000" },
  },
  test: {
    environment: "jsdom",
    setupFiles: "./src/test-setup.ts",
    restoreMocks: true,
    pool: "threads",
    // A browser of its own for each file costs more than all tests of logic do.
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.ts"], isolate: false } },
      { extends: true, test: { name: "components", include: ["src/**/*.test.tsx"] } },
    ],
  },
}));
