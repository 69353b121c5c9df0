/** An encoder as a performer has one: real ffmpeg, publishing over RTMP in real time. */
import { spawn } from 'node:child_process';

const PICTURES = {
  bars: 'testsrc2=size=640x360:rate=30',
  // A plain colour that no test pattern has on average, to tell a second encoder's picture from a first one's.
  teal: 'color=c=0x10a0a0:size=640x360:rate=30',
};

/** Publishes until it is stopped. `lose` breaks off like a lost link; `stop` ends as an encoder does. */
export function publish(story, server, key, { picture = 'bars', keyframe_s = 1 } = {}) {
  const child = spawn('ffmpeg', args(`${server}/${key}`, picture, keyframe_s), { stdio: ['ignore', 'ignore', 'pipe'] });
  const over = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  child.stderr.on('data', (data) => (said = (said + data).slice(-2_000).replaceAll(key, '<key>')));
  const end = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await over;
  };
  const encoder = {
    stop: () => end('SIGINT'),
    lose: () => end('SIGKILL'),
    over,
    /** What ffmpeg said last, the key left out. */
    said: () => said,
  };
  story.after(encoder.lose);
  return encoder;
}

function args(url, picture, keyframe_s) {
  return [
    ...['-hide_banner', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', PICTURES[picture]],
    ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=44100'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', String(30 * keyframe_s), '-keyint_min', String(30 * keyframe_s), '-sc_threshold', '0', '-b:v', '900k'],
    ...['-c:a', 'aac', '-b:a', '96k', '-f', 'flv', url],
  ];
}
