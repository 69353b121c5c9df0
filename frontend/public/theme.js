// Applies the remembered theme before anything is painted. src/lib/theme.svelte.ts writes what this reads.
(() => {
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is closed to us: the system's theme stands.
  }
})();
