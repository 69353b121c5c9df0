/** Looks at the picture that a page's player shows. */
import { CELLS, read } from './bar-code.mjs';
import { BARS } from './numbered-encoder.mjs';
import { until } from './report.mjs';

/** Where the player stands, and what its picture is like; null while it has none. */
export function look(page) {
  return page.evaluate(() => {
    const video = document.querySelector('.video-js video');
    if (!video || video.readyState < 2 || video.videoWidth === 0) return null;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 36];
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 64, 36);
    const { data } = context.getImageData(0, 0, 64, 36);
    const sum = [0, 0, 0];
    let dark = 0;
    for (let at = 0; at < data.length; at += 4) {
      for (let c = 0; c < 3; c += 1) sum[c] += data[at + c];
      if (data[at] + data[at + 1] + data[at + 2] < 48) dark += 1;
    }
    const pixels = data.length / 4;
    return {
      time_s: video.currentTime,
      paused: video.paused,
      muted: video.muted,
      width: video.videoWidth,
      colour: sum.map((value) => Math.round(value / pixels)),
      /** The share of the picture that is as good as black. */
      dark: dark / pixels,
    };
  });
}

/** The picture moves on: a later time than before. */
export async function movesOn(page, from_s) {
  const seen = await look(page);
  return seen && !seen.paused && seen.time_s > from_s ? seen : null;
}

/** Waits until the picture plays; where it does not, tells what the encoder said. */
export async function untilPlaying(page, encoder) {
  try {
    return await until('the picture plays', () => movesOn(page, 0), { within_s: 60 });
  } catch (error) {
    throw new Error(`${error.message}; ffmpeg: ${encoder.said()}`, { cause: error });
  }
}

/** The picture is about this colour all over. */
export function isColour(seen, [red, green, blue], tolerance = 40) {
  const off = seen.colour.map((value, at) => Math.abs(value - [red, green, blue][at]));
  return off.every((distance) => distance <= tolerance);
}

/** The number that is burnt into the picture, once it has come to rest; null while there is none, or it is sought. */
export async function numberOn(page, selector = '.video-js video') {
  const cells = await page.evaluate(
    ({ count, bars, selector }) => {
      const video = document.querySelector(selector);
      if (!video || video.readyState < 2 || video.seeking || video.videoWidth !== bars.width) return null;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [bars.width, 1];
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, bars.y, bars.width, 1, 0, 0, bars.width, 1);
      const { data } = context.getImageData(0, 0, bars.width, 1);
      return Array.from({ length: count }, (_, at) => data[4 * Math.floor(((at + 0.5) * bars.width) / count)]);
    },
    { count: CELLS, bars: BARS, selector },
  );
  return cells && read(cells);
}
