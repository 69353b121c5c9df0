// `npm run build` makes dist/ for sites that have no bundler for TypeScript; this repository's site takes the sources.
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2022',
    // The plugin, and what of it is pure and of use to the page around it.
    lib: { entry: ['src/index.ts', 'src/clock.ts', 'src/view.ts', 'src/words.ts'], formats: ['es'] },
  },
});
