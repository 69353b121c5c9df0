/** Going back: to a moment by the clock and the frame of that moment, by a link, across a gap, and back to live. */
import { faults } from '../lib/accessibility.mjs';
import { shootAll, visitor } from '../lib/browser.mjs';
import { publishNumbered, RATE } from '../lib/numbered-encoder.mjs';
import { numberOn } from '../lib/picture.mjs';
import { assert, assertEqual, until } from '../lib/report.mjs';
import { settings } from '../lib/settings.mjs';
import { openChannel } from '../lib/studio.mjs';
import { signIn } from './people.mjs';

/**
 * From the encoder's door to the server's clock: ffmpeg's own delay, and how far a busy machine holds frames back. That is
 * the same for all frames; how exactly moments are found is told by how far apart they are.
 */
const ON_THE_WAY_MS = { least: -100, most: 4_000 };
/**
 * What is shown within this is of now, and cannot be of the past that was watched: that is 30 s back and more. A picture
 * that stalled on a busy machine plays smoothly, three segments behind, and does not jump for less than 15 s.
 */
const NOW_WITHIN_MS = 25_000;
const SECOND = 1_000;

export async function rewind(story, browser) {
  const { slug, server, key, person } = await openChannel();
  const publish = `${server}/${key}`;
  const guest = await visitor(story, browser);
  await guest.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: settings.url });
  const asked = playlistsAsked(guest);

  const encoder = publishNumbered(publish);
  story.after(() => encoder.stop());

  await story.promise('a guest watches live, with the day under the picture', async () => {
    await guest.goto(`/watch/${slug}`);
    await until('a numbered picture', () => numberOn(guest), { within_s: 60 });
    await guest.getByRole('slider', { name: 'Moment of the day' }).waitFor();
    assertEqual(await faults(guest), [], 'accessibility');
  });

  const begun_ms = encoder.fed_ms(0);
  await until('a show that is long enough', () => Date.now() > begun_ms + settings.show_s * SECOND, {
    within_s: settings.show_s + 10,
  });

  const moments = [12, 20.5, 15.25].map((after_s) => Math.round((begun_ms + after_s * SECOND) / SECOND) * SECOND);
  const shown = [];
  await story.promise('a time of day that is typed in shows the frame of that moment', async () => {
    // A player goes on playing where it goes to, unless it is paused.
    await jump(guest, moments.at(-1));
    await until('a picture of the past', async () => {
      const number = await numberOn(guest);
      return number !== null && number < 24 * RATE;
    });
    await guest.evaluate(() => document.querySelector('.video-js video').pause());
    for (const moment_ms of moments) {
      await jump(guest, moment_ms);
      shown.push(await until('a frame', () => restingNumber(guest)));
      const off_ms = moment_ms - encoder.fed_ms(shown.at(-1));
      console.log(`#   frame ${shown.at(-1)} was given to the encoder ${off_ms} ms before the moment it is shown at`);
      assert(off_ms > ON_THE_WAY_MS.least && off_ms < ON_THE_WAY_MS.most, `the frame is ${off_ms} ms off`);
    }
  });

  await story.promise('moments are as far apart in the picture as on the clock, to two frames', async () => {
    const apart = moments.map((moment_ms) => ((moment_ms - moments[0]) / SECOND) * RATE);
    const off = shown.map((number, at) => Math.abs(number - shown[0] - apart[at]));
    console.log(`#   off by ${off.map((frames) => frames.toFixed(1)).join(', ')} frames`);
    assert(Math.max(...off) <= 2, `off by ${off} frames`);
  });

  await story.promise('the playlist is fetched once, and from then on only what is new', async () => {
    await until('reloads', () => asked.filter(({ delta }) => delta).length >= 3, { within_s: 40 });
    const first = asked.findIndex(({ delta }) => delta);
    assertEqual(first, 1, 'whole playlists before the first delta');
    const { skipUntil_s, length_s, size } = await asked[0].answer;
    // Whoever has not asked for long is given a whole one again.
    const deltas = await Promise.all(asked.filter(({ delta }) => delta).map(({ answer }) => answer));
    console.log(`#   whole ${size} B, deltas of ${deltas.map((delta) => delta.size).join(', ')} B, uncompressed`);
    if (length_s > skipUntil_s + 10)
      assert(
        deltas.every(({ skips }) => skips),
        'an answer that skips nothing',
      );
    else console.log(`#   too short a show to skip anything: ${length_s} s of ${skipUntil_s} s`);
  });

  await story.promise('a link to the moment opens there', async () => {
    await guest.getByRole('button', { name: 'Copy a link to this moment' }).click();
    const link = await guest.evaluate(() => navigator.clipboard.readText());
    assertEqual(new URL(link).searchParams.get('t'), rfc3339(moments.at(-1)), 'the moment in the link');
    const other = await visitor(story, browser);
    await other.goto(link);
    const number = await until('a picture of that moment', () => numberOn(other), { within_s: 40 });
    const late = (number - shown.at(-1)) / RATE;
    assert(late >= -0.1 && late < 8, `the link opens ${late} s off`);
    await other.context().close();
  });

  await story.promise('the way back to live shows what is happening now', async () => {
    await guest.getByRole('region', { name: 'Rewind' }).getByRole('button', { name: 'Go to live' }).click();
    await until(
      'a picture of now',
      async () => {
        const number = await numberOn(guest);
        const late_ms = number === null ? NaN : Date.now() - encoder.fed_ms(number);
        assert(
          late_ms < NOW_WITHIN_MS,
          `picture ${number}, given to the encoder ${late_ms} ms ago; ffmpeg: ${encoder.said()}`,
        );
        return true;
      },
      { within_s: 40 },
    );
  });

  await story.promise(
    'the strip is walked by keys: an hour back is the first moment there is, End is live',
    async () => {
      const slider = guest.getByRole('slider', { name: 'Moment of the day' });
      await slider.press('PageDown');
      await guest.getByText(/^What is recorded begins at/).waitFor();
      const number = await until('the first picture', () => numberOn(guest));
      assert(number < 12 * RATE, `picture ${number} is not of the beginning`);
      await shootAll(guest, 'rewind');
      await slider.press('End');
      await guest.getByRole('button', { name: 'Live', exact: true }).waitFor();
    },
  );

  const lost_ms = Date.now();
  await encoder.stop();
  await until('a gap that can be seen', () => Date.now() > lost_ms + 14 * SECOND);
  const second = publishNumbered(publish);
  story.after(() => second.stop());
  await story.promise(
    'a moment at which nothing was recorded is the start of what comes next, and says so',
    async () => {
      await until('the second encoder on air', () => second.fed_ms(8 * RATE), { within_s: 30 });
      await until(
        'a gap on the strip',
        async () => {
          await guest.goto(`/watch/${slug}?t=${rfc3339(lost_ms + 8 * SECOND)}`);
          await guest.getByText(/^Nothing was recorded at/).waitFor({ timeout: 6_000 });
          return true;
        },
        { within_s: 60 },
      );
      const number = await until('the picture after the gap', () => numberOn(guest), { within_s: 40 });
      assert(number < 10 * RATE, `picture ${number} is not of the second encoder's beginning`);
    },
  );

  await story.promise('the archive lists the show by its day', async () => {
    await guest.goto(`/watch/${slug}/archive`);
    const days = guest.getByRole('heading', { level: 2, name: /^(Today|Yesterday)$/ });
    await days.first().waitFor();
    assertEqual(await faults(guest), [], 'accessibility');
    await shootAll(guest, 'archive');
  });

  await second.stop();
  await story.promise('a show that is over is led to at its beginning', async () => {
    // While it is on air its line leads to live; it ends when nobody has come back for half a minute.
    const over = guest.getByRole('listitem').locator('a[href*="?t="]').last();
    await over.waitFor({ timeout: 120_000 });
    await over.click();
    const number = await until('a picture', () => numberOn(guest), { within_s: 40 });
    assert(number < 12 * RATE, `picture ${number} is not of the beginning`);
  });

  await story.promise('the owner names and keeps the recording, and closes rewind to guests', async () => {
    const owner = await visitor(story, browser);
    await owner.goto(`/login?next=/studio/${slug}`);
    await signIn(owner, person);
    const row = owner
      .getByRole('table', { name: /Recordings/ })
      .getByRole('row')
      .nth(1);
    await row.getByRole('button', { name: /^Name / }).click();
    await row.getByLabel(/^Title of the recording/).fill('First night');
    await row.getByRole('button', { name: 'Save' }).click();
    await row.getByRole('link', { name: 'First night', exact: true }).waitFor();
    const keep = row.getByRole('button', { name: /^Keep / });
    await keep.click();
    await until('it is kept', async () => (await keep.getAttribute('aria-pressed')) === 'true');
    await owner.getByRole('radio', { name: /^Signed-in people Guests watch/ }).check();
    await owner.getByRole('button', { name: 'Save the settings' }).click();
    await owner.getByText('The settings are saved.').waitFor();
    assertEqual(await faults(owner), [], 'accessibility');
    await shootAll(owner, 'studio-recordings');
    assertEqual(owner.complaints, [], 'errors in the console');
  });

  await story.promise('a guest is told to sign in, and can rewind once they have', async () => {
    await guest.goto(`/watch/${slug}`);
    await guest.getByRole('link', { name: 'Sign in to rewind' }).click();
    await signIn(guest, person);
    await guest.waitForURL(`**/watch/${slug}`);
    await guest.getByRole('slider', { name: 'Moment of the day' }).waitFor();
  });

  await story.promise('the page did not complain', async () =>
    assertEqual(guest.complaints, [], 'errors in the console'),
  );
}

/** Types a time of day into the page's field, as the browser's clock has it. */
async function jump(page, moment_ms) {
  const clock = await page.evaluate((ms) => new Date(ms).toTimeString().slice(0, 8), moment_ms);
  await page.getByLabel('Jump to a time').fill(clock);
  await page.getByRole('button', { name: 'Go', exact: true }).click();
}

/** The number on a picture that stays: asked twice, since a paused player may be on its way. */
async function restingNumber(page) {
  const before = await numberOn(page);
  await page.waitForTimeout(600);
  const after = await numberOn(page);
  return before === after ? after : null;
}

/** The DVR playlists that a page was given, in turn: what came, and whether it was to be a delta. */
function playlistsAsked(page) {
  const asked = [];
  page.on('response', (response) => {
    const url = new URL(response.url());
    if (!url.pathname.endsWith('/dvr.m3u8') || !response.ok()) return;
    asked.push({ delta: url.searchParams.has('_HLS_skip'), answer: response.text().then(facts) });
  });
  return asked;
}

function facts(text) {
  const lengths = [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, length]) => Number(length));
  return {
    size: text.length,
    skips: text.includes('#EXT-X-SKIP'),
    skipUntil_s: Number(/CAN-SKIP-UNTIL=([\d.]+)/.exec(text)?.[1] ?? Infinity),
    length_s: lengths.reduce((sum, length) => sum + length, 0),
  };
}

function rfc3339(moment_ms) {
  return new Date(moment_ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
