/** How close to live a viewer wants to watch: their choice, remembered by the browser. */

/** `low-latency`: by parts, a second and a bit behind. `smooth`: by whole segments, some seconds behind. */
export type Mode = 'low-latency' | 'smooth';

const KEY = 'latency';
const PREFERRED: Mode = 'low-latency';

export function rememberedMode(): Mode {
  try {
    const word = localStorage.getItem(KEY);
    return word === 'smooth' || word === 'low-latency' ? word : PREFERRED;
  } catch {
    return PREFERRED;
  }
}

export function rememberMode(mode: Mode): void {
  try {
    if (mode === PREFERRED) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, mode);
  } catch {
    // Storage is closed to us: the choice holds until the page is left.
  }
}
