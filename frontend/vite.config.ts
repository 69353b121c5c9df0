import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

import { headStart } from './vite/head-start.ts';

// `npm run dev` serves the sources and passes everything that is not a page on to a running Sluice.
const sluice = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';

/** Video.js brings an icon font as a data: URL. The player has icons of its own (src/player/skin.css). */
const withoutIconFont: Plugin = {
  name: 'without-icon-font',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('/video-js.css') ? code.replace(/@font-face\s*{[^}]*VideoJS[^}]*}/g, '') : undefined,
};

export default defineConfig({
  plugins: [svelte(), withoutIconFont, headStart],
  build: {
    target: 'es2022',
    // Nothing becomes a data: URL, so that a content security policy can do without them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      '/api': sluice,
      '/live': sluice,
      '/clips/': sluice,
      '/ws': { target: sluice, ws: true },
    },
  },
  resolve: {
    // The packages of this repository are built with the site, from their sources. Vitest would take Svelte's server build.
    conditions: ['source', ...(process.env.VITEST ? ['browser'] : defaultClientConditions)],
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts', 'packages/*/src/**/*.test.ts', 'e2e/**/*.test.mjs'],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
