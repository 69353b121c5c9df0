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
// vite/head-start.ts writes the files' names into the element of this script; src/lib/early.ts takes the answers.
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
  const answer = fetch(path, {
    headers: { accept: 'application/json' },
    cache: 'no-store',
    signal: AbortSignal.timeout(15_000),
  });
  // Whoever takes the answer hears of the failure.
  answer.catch(() => undefined);
  const playlists = new Map();
  window.sluiceEarly = { path, answer, playlists };
  // Who comes by a link to a moment does not begin live.
  if (!window.MediaSource || new URLSearchParams(location.search).has('t')) return;

  // The playlists of a show on air are asked for as soon as it is known where they are, side by side.
  // One that does not come is left to the player, which asks again.
  const playlist = async (url) => {
    const start = performance.now();
    const response = await fetch(url, { signal: AbortSignal.timeout(8_000) });
    const first = performance.now();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return { text: await response.text(), url: response.url, start, first, end: performance.now() };
  };
  answer
    .then((response) => response.clone().json())
    .then(({ live, playback }) => {
      if (!live || !playback) return;
      for (const url of [playback.hls, new URL('live.m3u8', playback.hls).href]) {
        const text = playlist(url);
        text.catch(() => undefined);
        playlists.set(url, text);
      }
    })
    .catch(() => undefined);
})();
