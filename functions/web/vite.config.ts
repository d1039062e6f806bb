import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The function that serves the page enters both into index.html: where it is mounted, and a nonce.
const NONCE_PLACEHOLDER = "CSP_NONCE";

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
