/**
 * An encoder whose every frame carries its number as a bar code, and that remembers when each was handed to it.
 *
 * The strip with the bar code comes from here by a pipe, in real time; ffmpeg puts it under a moving picture, so no frame
 * can leave before its number has come. What happens in the encoder counts as time behind it.
 */
import { spawn } from 'node:child_process';

import { CELLS, draw } from './bar-code.mjs';

const WIDTH = 1280;
const HEIGHT = 720;
export const RATE = 30;
const KEYFRAME_S = 2;
/** Frames that are fed before time runs. */
const AHEAD = 16;
/** High enough to come through any encoder, and a whole number of its blocks. */
const STRIP = 32;

/** Where in the picture the cells are found: the middle of the strip. */
export const BARS = { width: WIDTH, y: HEIGHT - STRIP / 2 };

/** Publishes until `stop` is called. */
export function publishNumbered(url) {
  const child = spawn('ffmpeg', args(url), { stdio: ['pipe', 'ignore', 'pipe'] });
  // What cannot be written to an encoder that is gone is of no use to anybody.
  child.stdin.on('error', () => undefined);
  let said = '';
  child.stderr.on('data', (data) => (said = (said + data).slice(-2_000)));
  const over = new Promise((resolve) => child.once('exit', resolve));
  const fed_ms = [];
  const feed = (told) => child.stdin.write(strip(fed_ms.push(Date.now()) - 1), told);
  let begin_ms = Infinity;
  // These do not fit into the pipe: the last of them is taken once ffmpeg has reached the server and reads on.
  for (let first = 0; first < AHEAD; first += 1) feed(first === AHEAD - 1 ? () => begin() : undefined);
  const begin = () => {
    begin_ms = Date.now() - (AHEAD * 1_000) / RATE;
    fed_ms.fill(Date.now());
  };
  const timer = setInterval(() => {
    while (Date.now() >= begin_ms + (fed_ms.length * 1_000) / RATE) feed();
  }, 2);
  return {
    /** When a frame was handed to the encoder, in milliseconds since 1970. */
    fed_ms: (number) => fed_ms[number],
    running: () => child.exitCode === null && child.signalCode === null,
    /** What ffmpeg said last, without the key in the address. */
    said: () => said.replaceAll(url, '<url>'),
    async stop() {
      clearInterval(timer);
      child.kill('SIGKILL');
      await over;
    },
  };
}

/** The rows of the strip, in shades of grey. */
function strip(number) {
  const row = Buffer.alloc(WIDTH);
  draw(number).forEach((cell, at) => row.fill(cell, (at * WIDTH) / CELLS, ((at + 1) * WIDTH) / CELLS));
  return Buffer.concat(Array(STRIP).fill(row));
}

/** As OBS is set up for low latency: x264, constant bitrate, a keyframe every two seconds, no frames held back. */
function args(url) {
  const keyframe = String(RATE * KEYFRAME_S);
  return [
    ...['-hide_banner', '-loglevel', 'warning', '-probesize', '32', '-analyzeduration', '0'],
    ...['-f', 'rawvideo', '-pixel_format', 'gray', '-video_size', `${WIDTH}x${STRIP}`, '-framerate', String(RATE)],
    ...['-i', 'pipe:0', '-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT - STRIP}:rate=${RATE}`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000'],
    ...['-filter_complex', '[0:v]format=yuv420p[bars];[1:v][bars]vstack[picture]', '-map', '[picture]', '-map', '2:a'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'main', '-pix_fmt', 'yuv420p'],
    ...['-b:v', '2500k', '-maxrate', '2500k', '-bufsize', '2500k'],
    ...['-g', keyframe, '-keyint_min', keyframe, '-sc_threshold', '0'],
    ...['-c:a', 'aac', '-b:a', '128k', '-f', 'flv', url],
  ];
}
