/**
 * How far behind the encoder the site's player plays, read from the picture itself.
 *
 *   SLUICE_URL=http://127.0.0.1:8080 node e2e/latency.mjs [SECONDS] [--json]     five minutes when absent
 *
 * An encoder burns each frame's number into it and remembers when it was handed that frame; two pages in one browser, one
 * playing with low latency and one smoothly, are asked four times a second which frame they show. Then the page is
 * opened cold again and again, to see how long it takes until the picture moves. Figures are printed, not judged: they
 * depend on the machine, and on what else it does.
 */
import { openBrowser, DESKTOP } from './lib/browser.mjs';
import { publishNumbered } from './lib/numbered-encoder.mjs';
import { until } from './lib/report.mjs';
import { settings } from './lib/settings.mjs';
import { openChannel } from './lib/studio.mjs';
import { prepare, seen } from './lib/watching.mjs';

const MODES = ['low latency', 'smooth'];
const OPENINGS = 9;

const asJson = process.argv.includes('--json');
const seconds = Number(process.argv[2] ?? 300);
const browser = await openBrowser();
const channel = await openChannel();
const encoder = publishNumbered(`${channel.server}/${channel.key}`);
try {
  await until('the show is listed', () => listed(channel.slug), { within_s: 30 });
  const pages = await Promise.all(MODES.map((mode) => watchBy(mode)));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  if (!encoder.running()) throw new Error(`the encoder ended: ${encoder.said()}`);
  const modes = await Promise.all(pages.map(judge));
  for (const page of pages) await page.context().close();
  const openings = [];
  for (let opening = 0; opening < OPENINGS; opening += 1) openings.push(await openCold());
  const opening = judgeOpenings(openings);
  const [low_latency, smooth] = modes;
  console.log(asJson ? JSON.stringify({ low_latency, smooth, opening }) : table(modes, opening));
} finally {
  await encoder.stop();
  await browser.close();
}

async function listed(slug) {
  const response = await fetch(`${settings.url}/live/${slug}/live.m3u8`);
  return response.ok && (await response.text()).includes('#EXTINF');
}

/** A page that plays in this mode, its picture moving. */
async function watchBy(mode) {
  const page = await newPage();
  if (mode === 'smooth') await page.addInitScript(() => localStorage.setItem('latency', 'smooth'));
  await page.goto(channel.watch);
  await moving(page);
  return page;
}

/** Seconds from asking for the page until its picture moves, with nothing in any cache. */
async function openCold() {
  const page = await newPage();
  const begin_ms = Date.now();
  await page.goto(channel.watch, { waitUntil: 'commit' });
  const moving_ms = await moving(page);
  await page.context().close();
  return (moving_ms - begin_ms) / 1_000;
}

async function newPage() {
  const context = await browser.newContext({ viewport: DESKTOP });
  const page = await context.newPage();
  await prepare(page);
  return page;
}

async function moving(page) {
  const moved = await page.waitForFunction(() => window.seen.moving_ms, null, { polling: 50, timeout: 60_000 });
  return moved.jsonValue();
}

async function judge(page) {
  const { frames, looks, stalls, standstill_ms } = await seen(page);
  const behind_s = frames.map(({ number, at_ms }) => (at_ms - encoder.fed_ms(number)) / 1_000).sort((a, b) => a - b);
  return {
    median_s: at(behind_s, 0.5),
    p95_s: at(behind_s, 0.95),
    most_s: at(behind_s, 1),
    stalls,
    standstill_s: standstill_ms / 1_000,
    looks,
    read: frames.length,
  };
}

function judgeOpenings(openings) {
  openings.sort((a, b) => a - b);
  return { median_s: at(openings, 0.5), least_s: openings[0], most_s: openings.at(-1) };
}

/** The value at this share of a sorted list. */
function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function table(modes, opening) {
  const two = (value) => value.toFixed(2);
  const line = (name, figure) => `${name.padEnd(34)}${modes.map((mode) => figure(mode).padStart(14)).join('')}`;
  return [
    `${''.padEnd(34)}${MODES.map((mode) => mode.padStart(14)).join('')}`,
    line('seconds behind the encoder: median', ({ median_s }) => two(median_s)),
    line('  p95', ({ p95_s }) => two(p95_s)),
    line('  most', ({ most_s }) => two(most_s)),
    line('stalls', ({ stalls }) => String(stalls)),
    line('longest standstill, s', ({ standstill_s }) => two(standstill_s)),
    line('pictures read', ({ read, looks }) => `${read} of ${looks}`),
    '',
    `seconds from opening the page to a moving picture, ${OPENINGS} times, nothing cached:`,
    `  median ${two(opening.median_s)}, least ${two(opening.least_s)}, most ${two(opening.most_s)}`,
  ].join('\n');
}
