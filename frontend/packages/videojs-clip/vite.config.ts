// `npm run build` makes dist/ for sites that have no bundler for TypeScript; this repository's site takes the sources.
import { defineConfig } from 'vite';

export default defineConfig({
  build: { target: 'es2022', lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index' } },
});
