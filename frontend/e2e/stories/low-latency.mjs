/** How close to live a viewer watches: by choice, after stalls, as the statistics say, and with a player that knows no parts. */
import { createRequire } from 'node:module';

import { faults } from '../lib/accessibility.mjs';
import { shoot, visitor, DESKTOP, PHONE } from '../lib/browser.mjs';
import { publish } from '../lib/encoder.mjs';
import { movesOn, untilPlaying } from '../lib/picture.mjs';
import { assert, assertEqual, until } from '../lib/report.mjs';
import { openChannel } from '../lib/studio.mjs';

/** Smooth playback stays three segments behind: whoever chooses it before there are as many stays where they are. */
const ENOUGH_S = 8;
const STALLS_MOST = 8;

/** Video.js with its own HLS, which the site leaves out. */
const VHS = createRequire(import.meta.url).resolve('video.js/dist/video.min.js');

export async function lowLatency(story, browser) {
  const channel = await openChannel();
  const encoder = publish(story, channel.server, channel.key, { keyframe_s: 2 });
  const guest = await visitor(story, browser);
  let begun_s;

  await story.promise('a show is played by parts, close to live, as the statistics say', async () => {
    await guest.goto(channel.watch);
    begun_s = (await untilPlaying(guest, encoder)).time_s;
    await openStatistics(guest);
    await until('low latency', async () => (await fact(guest, 'Mode')) === 'low latency');
    await until('it is close to live', () => isBehind(guest, (s) => s < 3), { within_s: 60 });
    assertEqual(await fact(guest, 'Engine'), 'hls.js', 'the engine');
    assert(/^640×360$/.test(await fact(guest, 'Picture')), 'the picture has another size');
    assertEqual(await faults(guest), [], 'accessibility');
  });

  await story.promise('the menu and the statistics keep their form on a desk and on a phone', () => shootPlayer(guest));

  await story.promise(
    'a viewer who wants it smooth plays some seconds further behind, here and after a reload',
    async () => {
      await until('enough was shown', () => movesOn(guest, begun_s + ENOUGH_S), { within_s: 60 });
      await choose(guest, 'Smooth');
      await until('it is further behind', () => isBehind(guest, (s) => s > 4), { within_s: 40 });
      await guest.reload();
      await untilPlaying(guest, encoder);
      await openStatistics(guest);
      assertEqual(await fact(guest, 'Mode'), 'smooth', 'the mode');
    },
  );

  await story.promise('a viewer who wants low latency back is taken close to live', async () => {
    await choose(guest, 'Low latency');
    await until('it is close to live', () => isBehind(guest, (s) => s < 3), { within_s: 60 });
    await guest.keyboard.press('Escape');
    await until('the statistics are closed', async () => !(await panel(guest).isVisible()));
  });

  const unlucky = await visitor(story, browser);
  await story.promise('a picture that stalls again and again becomes smooth, and it is said', async () => {
    await unlucky.goto(channel.watch);
    await stallUntilNoticed(unlucky, encoder);
    await notice(unlucky).getByText('it now plays smoothly').waitFor();
    await openStatistics(unlucky);
    assertEqual(await fact(unlucky, 'Mode'), 'smooth', 'the mode');
    assertEqual(await faults(unlucky), [], 'accessibility');
    await shoot(unlucky, 'player-fell-back-1280');
    await menuOverNotice(unlucky);
  });

  await story.promise('the way back is offered where it is said', async () => {
    await notice(unlucky).getByRole('button', { name: 'Back to low latency' }).click();
    await until('low latency', async () => (await fact(unlucky, 'Mode')) === 'low latency');
    assertEqual(await notice(unlucky).textContent(), '', 'what is said');
  });

  await story.promise('Video.js’s own HLS plays the same address without parts', () =>
    playsByVhs(story, browser, channel.slug, encoder),
  );

  await story.promise('neither page complained', async () => {
    const own = [...guest.complaints, ...unlucky.complaints].filter((text) => !text.includes('net::ERR_FAILED'));
    assertEqual(own, [], 'errors in the console');
  });
}

const panel = (page) => page.getByRole('region', { name: 'Statistics' });
const notice = (page) => page.locator('.sluice-notice');

/** Pressed again where the player was not yet listening, and only then: the key closes them as well. */
async function openStatistics(page) {
  await until('the statistics are open', async () => {
    if (await panel(page).isVisible()) return true;
    await page.locator('.video-js').focus();
    await page.keyboard.press('s');
    await panel(page).waitFor({ timeout: 3_000 });
    return true;
  });
}

/** What the statistics say of something. */
async function fact(page, name) {
  const row = panel(page)
    .locator('dl > div')
    .filter({ has: page.locator('dt', { hasText: name }) });
  return row.locator('dd').first().textContent();
}

/** It is as far behind live as that: else an error with what the statistics say. */
async function isBehind(page, holds) {
  if (holds(Number.parseFloat(await fact(page, 'Behind live')))) return true;
  throw new Error((await panel(page).locator('dl').innerText()).replaceAll(/\s+/g, ' '));
}

/** By keys: what is under the mouse does not take a click once the mouse has rested, and no new move tells the player. */
async function openSettings(page) {
  const button = page.getByRole('button', { name: 'Settings' });
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.press('Enter');
  await page.getByRole('menu').waitFor();
}

async function choose(page, label) {
  await openSettings(page);
  await page.getByRole('menuitemradio', { name: label }).press('Enter');
  const item = page.locator('[role=menuitemradio]').filter({ hasText: label });
  await until(`${label} is chosen`, async () => (await item.getAttribute('aria-checked')) === 'true');
}

async function shootPlayer(page) {
  for (const [size, viewport] of Object.entries({ 1280: DESKTOP, 390: PHONE })) {
    await page.setViewportSize(viewport);
    await shoot(page, `player-statistics-${size}`);
    await openSettings(page);
    await shoot(page, `player-settings-${size}`);
    await page.keyboard.press('Escape');
  }
  await page.setViewportSize(DESKTOP);
  await page.getByRole('menu').waitFor({ state: 'hidden' });
  assert(await panel(page).isVisible(), 'Escape in the menu has closed the statistics too');
}

/** What is said never lies over the menu, however little room there is. */
async function menuOverNotice(page) {
  for (const [size, viewport] of Object.entries({ 1280: DESKTOP, 390: PHONE })) {
    await page.setViewportSize(viewport);
    await openSettings(page);
    await shoot(page, `player-fell-back-settings-${size}`);
    assertEqual(await page.getByRole('menu').evaluate(covered), [], `items of the menu that are covered at ${size} px`);
    await page.keyboard.press('Escape');
  }
  await page.setViewportSize(DESKTOP);
}

/** Runs in the page: the items of a menu that something else lies over. */
function covered(menu) {
  const items = Array.from(menu.querySelectorAll('li'));
  const middle = ({ left, top, width, height }) => [left + width / 2, top + height / 2];
  const lies = (item) => !item.contains(document.elementFromPoint(...middle(item.getBoundingClientRect())));
  return items.filter(lies).map((item) => item.textContent);
}

/**
 * Holds everything of the stream back until the picture stands still, and lets it go on, again and again until it is
 * said. Three stalls within a minute are enough, but on a busy machine a stall may take longer than that.
 */
async function stallUntilNoticed(page, encoder) {
  let held = null;
  await page.route('**/live/**', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  const said = async () => (await notice(page).textContent()) !== '';
  await untilPlaying(page, encoder);
  for (let stall = 0; stall < STALLS_MOST && !(await said()); stall += 1) {
    const { time_s } = await untilPlaying(page, encoder);
    await until('it moves on', () => movesOn(page, time_s));
    let release;
    held = new Promise((resolve) => (release = resolve));
    await until('the picture stands still', () => page.evaluate(standsStill), { within_s: 60 });
    release();
    held = null;
    await until('it goes on', async () => !(await page.evaluate(standsStill)), { within_s: 60 });
  }
  await page.unroute('**/live/**');
}

/** Runs in the page. */
function standsStill() {
  const video = document.querySelector('.video-js video');
  return !video || video.readyState < 3;
}

/** A page that is not the site's, at the site's address: Video.js as it comes, told to leave low latency alone. */
async function playsByVhs(story, browser, slug, encoder) {
  const page = await visitor(story, browser);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  await page.route('**/elsewhere/video.js', (route) => route.fulfill({ path: VHS, contentType: 'text/javascript' }));
  await page.route('**/elsewhere/', (route) => route.fulfill({ contentType: 'text/html', body: elsewhere(slug) }));
  await page.goto('/elsewhere/');
  const seen = await untilPlaying(page, encoder);
  await until('it moves on', () => movesOn(page, seen.time_s + 6), { within_s: 60 });
  assert(
    asked.some(({ pathname }) => pathname.includes('/segments/')),
    'no segment was asked for',
  );
  const parts = asked.filter(({ pathname, search }) => pathname.includes('/parts/') || search.includes('_HLS_part'));
  assertEqual(parts.map(String), [], 'requests for parts');
  assertEqual(page.complaints, [], 'errors in the console');
  await page.context().close();
}

function elsewhere(slug) {
  const options = {
    autoplay: 'muted',
    sources: [{ src: `/live/${slug}/index.m3u8`, type: 'application/vnd.apple.mpegurl' }],
    html5: { vhs: { llhls: false, overrideNative: true }, nativeAudioTracks: false, nativeVideoTracks: false },
  };
  return `<!doctype html><link rel="icon" href="data:,"><video-js id="player" width="640" height="360"></video-js>
    <script src="/elsewhere/video.js"></script><script>videojs('player', ${JSON.stringify(options)})</script>`;
}
