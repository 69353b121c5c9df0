/** How close to live a viewer watches: by choice, after stalls, as the statistics say, and with a player that knows no parts. */
import { createRequire } from 'node:module';

import { faults } from '../lib/accessibility.mjs';
import { shoot, visitor, DESKTOP, PHONE } from '../lib/browser.mjs';
import { publish } from '../lib/encoder.mjs';
import { movesOn } from '../lib/picture.mjs';
import { assert, assertEqual, until } from '../lib/report.mjs';
import { openChannel } from '../lib/studio.mjs';

/** Video.js with its own HLS, which the site leaves out. */
const VHS = createRequire(import.meta.url).resolve('video.js/dist/video.min.js');

export async function lowLatency(story, browser) {
  const channel = await openChannel();
  publish(story, channel.server, channel.key, { keyframe_s: 2 });
  const guest = await visitor(story, browser);

  await story.promise('a show is played by parts, close to live, as the statistics say', async () => {
    await guest.goto(channel.watch);
    await until('the picture plays', () => movesOn(guest, 0), { within_s: 60 });
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
      await choose(guest, 'Smooth');
      await until('it is further behind', () => isBehind(guest, (s) => s > 4), { within_s: 40 });
      await guest.reload();
      await until('the picture plays', () => movesOn(guest, 0), { within_s: 60 });
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
    await stallThrice(unlucky);
    await notice(unlucky).getByText('it now plays smoothly').waitFor();
    await openStatistics(unlucky);
    assertEqual(await fact(unlucky, 'Mode'), 'smooth', 'the mode');
    assertEqual(await faults(unlucky), [], 'accessibility');
    await shoot(unlucky, 'player-fell-back-1280');
  });

  await story.promise('the way back is offered where it is said', async () => {
    await notice(unlucky).getByRole('button', { name: 'Back to low latency' }).click();
    await until('low latency', async () => (await fact(unlucky, 'Mode')) === 'low latency');
    assertEqual(await notice(unlucky).textContent(), '', 'what is said');
  });

  await story.promise('Video.js’s own HLS plays the same address without parts', () =>
    playsByVhs(story, browser, channel.slug),
  );

  await story.promise('neither page complained', async () => {
    const own = [...guest.complaints, ...unlucky.complaints].filter((text) => !text.includes('net::ERR_FAILED'));
    assertEqual(own, [], 'errors in the console');
  });
}

const panel = (page) => page.getByRole('region', { name: 'Statistics' });
const notice = (page) => page.locator('.sluice-notice');

/** Pressed again where the player was not yet listening. */
async function openStatistics(page) {
  await until('the statistics are open', async () => {
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

async function openSettings(page) {
  await page.locator('.video-js').hover();
  await page.getByRole('button', { name: 'Settings' }).click();
}

async function choose(page, label) {
  await openSettings(page);
  await page.getByRole('menuitemradio', { name: label }).click();
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
}

/** Holds everything of the stream back until the picture stands still, lets it go on, and so three times. */
async function stallThrice(page) {
  let held = null;
  await page.route('**/live/**', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  for (let stall = 0; stall < 3; stall += 1) {
    const { time_s } = await until('the picture plays', () => movesOn(page, 0), { within_s: 60 });
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
async function playsByVhs(story, browser, slug) {
  const page = await visitor(story, browser);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  await page.route('**/elsewhere/video.js', (route) => route.fulfill({ path: VHS, contentType: 'text/javascript' }));
  await page.route('**/elsewhere/', (route) => route.fulfill({ contentType: 'text/html', body: elsewhere(slug) }));
  await page.goto('/elsewhere/');
  const seen = await until('the picture plays', () => movesOn(page, 0), { within_s: 60 });
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
