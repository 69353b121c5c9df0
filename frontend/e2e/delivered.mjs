/**
 * Plays a show that has left the site's disk, however its segments are delivered, and tells where they came from.
 *
 *   SLUICE_URL=http://127.0.0.1:8080 node e2e/delivered.mjs /live/SLUG/dvr.m3u8 MODE STORE
 *
 * MODE is `proxy`, `redirect` or `direct`, STORE the origin that segments come from where they do not come from the site.
 * The engine of the site's player plays in a page of the site, under the site's policy, from the beginning to the end.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { openBrowser, visitor } from './lib/browser.mjs';
import { assert, assertEqual, Report, until } from './lib/report.mjs';
import { settings } from './lib/settings.mjs';

const [playlist, mode, store] = process.argv.slice(2);
const engine = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
/** Where a segment's request and its redirect end, by the mode of delivery. */
const WAYS = {
  proxy: [[200, settings.url]],
  redirect: [
    [302, settings.url],
    [200, store],
  ],
  direct: [[200, store]],
};

const report = new Report();
const browser = await openBrowser();
try {
  await report.story(`delivered: ${mode}`, tell);
} finally {
  await browser.close();
}
process.exitCode = report.end();

async function tell(story) {
  const page = await visitor(story, browser);
  const answers = [];
  page.on('response', (answer) => {
    if (new URL(answer.url()).pathname.endsWith('.ts')) answers.push([answer.status(), new URL(answer.url()).origin]);
  });

  await story.promise('the show plays from its beginning to its end', async () => {
    await page.goto('/');
    await page.evaluate(engine);
    await page.evaluate(play, playlist);
    const { played_s, frames } = await until('the end of the show', () => ended(page), { within_s: 90 });
    assert(played_s > 5, `only ${played_s} s were played`);
    assert(frames > 100, `only ${frames} frames were shown`);
  });

  await story.promise('its segments came the way they are to come, and no other', async () => {
    const key = ([status, origin]) => `${status} ${origin}`;
    const expected = WAYS[mode].map(key);
    assertEqual([...new Set(answers.map(key))].sort(), [...expected].sort(), 'the ways');
    assert(answers.length >= 3 * expected.length, `only ${answers.length} answers`);
  });

  await story.promise('nothing was complained of', async () => {
    assertEqual(page.complaints, [], 'errors in the console');
  });
}

/** Where it stands, once it has ended; throws what the engine gave up on. */
async function ended(page) {
  const seen = await page.evaluate(() => ({
    ...window.seen,
    ended: window.video.ended,
    at_s: window.video.currentTime,
  }));
  if (seen.fatal) throw new Error(`the engine gave up: ${seen.fatal} at ${seen.at_s}`);
  const frames = await page.evaluate(() => window.video.getVideoPlaybackQuality().totalVideoFrames);
  return seen.ended && { played_s: seen.at_s - seen.from_s, frames };
}

/** Runs in the page. */
async function play(address) {
  const { Hls } = window;
  window.seen = { fatal: null, from_s: 0 };
  window.video = document.createElement('video');
  window.video.muted = true;
  document.body.append(window.video);
  // The policy lets no worker come out of a blob.
  const hls = new Hls({ enableWorker: false, startPosition: 0 });
  hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
    if (fatal) window.seen.fatal ??= details;
  });
  hls.loadSource(address);
  hls.attachMedia(window.video);
  window.video.playbackRate = 2;
  await window.video.play();
  window.seen.from_s = window.video.currentTime;
}
