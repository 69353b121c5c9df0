/** Writes into index.html what a page that plays is made of; public/early.js asks for it before the site's code runs. */
import type { Plugin, Rollup } from 'vite';

/** What is fetched when it is first asked for, and is asked for by every watch page. */
const WATCHING = ['/src/pages/Watch.svelte', '/src/player/index.ts'];

export const headStart: Plugin = {
  name: 'head-start',
  transformIndexHtml: {
    order: 'post',
    // Without a bundle the sources are served, and nothing has a name yet.
    handler: (html, { bundle }) =>
      bundle ? html.replace('src="/early.js"', (found) => `${found} data-watch="${filesFor(bundle).join(' ')}"`) : html,
  },
};

function filesFor(bundle: Rollup.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
  const wanted = chunks.filter((chunk) => WATCHING.some((path) => chunk.facadeModuleId?.endsWith(path)));
  if (wanted.length !== WATCHING.length) throw new Error(`of ${WATCHING.join(', ')} one is no chunk of its own`);
  const known = new Set(chunks.filter((chunk) => chunk.isEntry).flatMap((chunk) => [...needs(chunk, bundle)]));
  const files = new Set(wanted.flatMap((chunk) => [...needs(chunk, bundle)]));
  return [...files].filter((file) => !known.has(file)).map((file) => `/${file}`);
}

/** A chunk, its styles, and those of all that it imports. */
function needs(chunk: Rollup.OutputChunk, bundle: Rollup.OutputBundle, found = new Set<string>()): Set<string> {
  if (found.has(chunk.fileName)) return found;
  found.add(chunk.fileName);
  for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
  for (const name of chunk.imports) {
    const imported = bundle[name];
    if (imported?.type === 'chunk') needs(imported, bundle, found);
  }
  return found;
}
