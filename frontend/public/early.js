// Runs before anything is painted. Applies the remembered theme, which src/lib/theme.svelte.ts writes.
(() => {
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is closed to us: the system's theme stands.
  }
})();

// A page that plays asks at once for all it is made of, and for its channel, instead of for one after the other.
// vite/head-start.ts writes the files' names into the element of this script; src/lib/early.ts takes the answer.
(() => {
  const files = document.currentScript.dataset.watch;
  const slug = /^\/watch\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  if (!files || !slug) return;
  for (const file of files.split(' ')) {
    const link = document.createElement('link');
    link.rel = file.endsWith('.js') ? 'modulepreload' : 'preload';
    if (file.endsWith('.css')) link.as = 'style';
    // As the site will ask for it: what is asked for otherwise would be fetched twice.
    link.crossOrigin = '';
    link.href = file;
    document.head.append(link);
  }
  const path = `/api/v1/channels/${slug}`;
  const answer = fetch(path, { headers: { accept: 'application/json' }, cache: 'no-store' });
  // Whoever takes the answer hears of the failure.
  answer.catch(() => undefined);
  window.sluiceEarly = { path, answer };
})();
