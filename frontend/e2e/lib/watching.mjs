/** Watches a page's player from inside: what is shown when, and when it stands still. */
import { BARS } from './numbered-encoder.mjs';
import { CELLS, read } from './bar-code.mjs';

/** Often enough for percentiles; each look costs the page a picture's conversion. */
const EVERY_MS = 250;

/** Prepares a page before it is opened. What is seen is kept in the page, as `window.seen`. */
export async function prepare(page) {
  await page.addInitScript(watch, { cells: CELLS, bars: BARS, every_ms: EVERY_MS });
}

/** What was seen so far: numbers on pictures and when they were on screen, when it first moved, and how it stalled. */
export async function seen(page) {
  const { samples, ...rest } = await page.evaluate(() => window.seen);
  const frames = samples.map(([cells, at_ms]) => ({ number: read(cells), at_ms }));
  return { ...rest, frames: frames.filter(({ number }) => number !== null), looks: frames.length };
}

/** Runs in the page. */
function watch({ cells, bars, every_ms }) {
  const seen = { samples: [], moving_ms: null, stalls: 0, standstill_ms: 0 };
  window.seen = seen;
  let video = null;
  new MutationObserver(() => {
    const found = document.querySelector('.video-js video');
    if (!found || found === video) return;
    video = found;
    follow(video);
  }).observe(document, { childList: true, subtree: true });

  function follow(video) {
    let shown = null;
    let shown_ms = null;
    const onframe = (_, { mediaTime }) => {
      const now = Date.now();
      if (shown !== null && mediaTime !== shown) {
        seen.moving_ms ??= now;
        seen.standstill_ms = Math.max(seen.standstill_ms, now - shown_ms);
      }
      [shown, shown_ms] = [mediaTime, now];
      video.requestVideoFrameCallback(onframe);
    };
    video.requestVideoFrameCallback(onframe);
    video.addEventListener('waiting', () => {
      if (seen.moving_ms !== null && !video.seeking) seen.stalls += 1;
    });
  }

  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [cells, 1];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  setInterval(() => {
    if (seen.moving_ms === null) return;
    context.drawImage(video, 0, bars.y, bars.width, 1, 0, 0, cells, 1);
    const now = Date.now();
    const { data } = context.getImageData(0, 0, cells, 1);
    seen.samples.push([Array.from({ length: cells }, (_, at) => data[at * 4 + 1]), now]);
  }, every_ms);
}
