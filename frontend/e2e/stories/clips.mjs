/** A clip: two markers by mouse and by keys, the film between them frame by frame, and who may keep or remove it. */
import { faults } from '../lib/accessibility.mjs';
import { openFirefox, shootAll, visitor } from '../lib/browser.mjs';
import { publishNumbered, RATE } from '../lib/numbered-encoder.mjs';
import { numberOn } from '../lib/picture.mjs';
import { assert, assertEqual, until } from '../lib/report.mjs';
import { settings } from '../lib/settings.mjs';
import { openChannel } from '../lib/studio.mjs';
import { countTraces, traces } from '../lib/traces.mjs';
import { newPerson, signIn, signUp } from './people.mjs';

/** Enough to have something to cut from. */
const SHOW_S = 24;
const CLIP = 'main video';

export async function clips(story, browser) {
  if (!settings.clipper) {
    story.skip('a clip is cut between two markers, frame by frame', 'SLUICE_CLIPPER is not set');
    return;
  }
  const { slug, server, key, person: owner } = await openChannel();
  const viewer = newPerson();
  const page = await visitor(story, browser);
  await countTraces(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: settings.url });
  await signUp(await visitor(story, browser), viewer);
  const encoder = publishNumbered(`${server}/${key}`);
  story.after(() => encoder.stop());

  await story.promise('a guest who wants a clip is asked to sign in, and comes back', async () => {
    await page.goto(`/watch/${slug}`);
    await until('a numbered picture', () => numberOn(page), { within_s: 60 });
    await scissors(page);
    await page.getByRole('link', { name: 'Sign in to cut a clip' }).click();
    await signIn(page, viewer);
    await page.waitForURL(`**/watch/${slug}`);
    await until('a numbered picture', () => numberOn(page), { within_s: 60 });
  });
  await until('a show that is long enough', () => Date.now() > encoder.fed_ms(0) + SHOW_S * 1_000, {
    within_s: SHOW_S + 10,
  });

  await story.promise(
    'the scissors show markers around what was just seen, and the panel can be read and reached',
    async () => {
      await hearFrames(page);
      await scissors(page);
      await page.getByRole('slider', { name: 'Beginning of the clip' }).waitFor();
      assertEqual(await faults(page), [], 'accessibility');
      await shootAll(page, 'clip-markers');
    },
  );

  await story.promise('a marker is moved by the mouse, and the picture is that of its moment', async () => {
    const [before, live] = [await stands(page, 'in'), await until('a numbered picture', () => numberOn(page))];
    await drag(page, 'Beginning of the clip', 90);
    await until('the marker has moved', async () => (await stands(page, 'in')) !== before);
    // Until another playlist has come, the picture that was live stands still, too.
    await until('a picture of the past at rest', async () => ((await resting(page)) ?? live) < live - RATE);
    const moved_ms = await momentOf(page, 'in');
    await page.keyboard.press('i');
    const off_ms = (await momentOf(page, 'in')) - moved_ms;
    assert(Math.abs(off_ms) <= 1_000 / RATE + 10, `the picture is that of ${off_ms} ms later`);
  });

  const marked = await story.promise('markers are set by keys, frame by frame', async () => {
    await page.locator('.video-js').focus();
    const first = await step(page, 'ArrowRight', 1);
    const second = await step(page, 'ArrowRight', 1);
    assertEqual(second - first, 1, 'frames between two presses');
    await page.keyboard.press('i');
    const last = await step(page, 'Shift+ArrowRight', 3 * RATE, 3);
    await page.keyboard.press('o');
    assertEqual(last - second, 3 * RATE, 'frames in three seconds');
    await page.getByText('3.0 s').waitFor();
    return { first: second, last };
  });

  await story.promise('the preview plays between the markers', async () => {
    await page.keyboard.press('p');
    const seen = [];
    await until('a round and a half', async () => {
      seen.push(await numberOn(page));
      return seen.filter((number, at) => number !== null && number < seen[at - 1]).length >= 1;
    });
    const outside = seen
      .slice(2)
      .filter((number) => number !== null && (number < marked.first - 2 || number > marked.last + 8));
    assertEqual(outside, [], `pictures outside of ${marked.first} to ${marked.last}`);
    await page.keyboard.press('p');
  });

  const made = {};
  await story.promise('the clip is made by Enter, and its page begins and ends with the very frames', async () => {
    await page.getByLabel('Title of the clip').fill('Three seconds');
    await page.getByLabel('Title of the clip').press('Enter');
    await ready(page);
    await shootAll(page, 'clip-ready');
    await page.getByRole('button', { name: 'Copy the link' }).click();
    await page.getByText('Copied').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    made.accurate = { link, frames: [marked.first, marked.last - 1] };
    const other = await visitor(story, browser);
    await other.goto(link);
    await other.getByRole('heading', { level: 1, name: 'Three seconds' }).waitFor();
    assertEqual(await framesOf(other), made.accurate.frames, 'first and last frame');
    assertEqual(await faults(other), [], 'accessibility');
    await shootAll(other, 'clip-page');
    await plays(other);
    assertEqual(other.complaints, [], 'errors in the console');
  });

  await story.promise('a fast clip is ready too, and begins no later than asked', async () => {
    await page.getByRole('button', { name: 'Make another' }).click();
    await page.getByRole('radio', { name: /^Fast/ }).check();
    await page.getByRole('button', { name: 'Make the clip' }).click();
    await ready(page);
    await page.getByRole('link', { name: 'Open', exact: true }).click();
    // The page it was cut on has a heading and a film as well.
    await page.getByLabel('Embed').waitFor();
    made.fast = { link: page.url(), frames: await framesOf(page) };
    const [first] = made.fast.frames;
    assert(first <= marked.first && first > marked.first - 3 * RATE, `begins with ${first} instead of ${marked.first}`);
  });

  await story.promise('Firefox plays them both, from the very same frame to the very same', async () => {
    const another = await openFirefox();
    story.after(() => another.close());
    for (const [mode, { link, frames }] of Object.entries(made)) {
      const page = await visitor(story, another);
      await page.goto(link);
      assertEqual(await framesOf(page), frames, `first and last frame of the ${mode} one`);
      await plays(page);
      assertEqual(page.complaints, [], 'errors in the console');
    }
    await another.close();
  });

  await story.promise('leaving the page leaves no listener, interval or element of the clips behind', async () => {
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const visit = async () => {
      await page.locator(`main a[href="/watch/${slug}"]`).first().click();
      await until('a picture', () => numberOn(page), { within_s: 60 });
      await scissors(page);
      await page.keyboard.press('Shift+ArrowRight');
      await page.keyboard.press('p');
      await page.locator('.vjs-clip-button[aria-pressed=true]').waitFor();
      await page.getByRole('link', { name: 'On air', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: /on air/ }).waitFor();
      return traces(page);
    };
    // What the site, the player and the browser's driver set up once is there after the first visit.
    const once = await visit();
    assertEqual(await visit(), once, 'what listens and ticks after another visit');
    assertEqual(await page.locator('[class*=vjs-clip]').count(), 0, 'elements of the plugin');
  });

  await story.promise('whoever made clips finds them, sees them move, and gives them other names', async () => {
    await page.goto('/account/clips');
    const tile = page.getByRole('listitem').filter({ hasText: 'Three seconds' });
    await tile.getByRole('link', { name: /Three seconds/ }).hover();
    await tile.locator('video').waitFor();
    await tile.getByRole('button', { name: /^What to do with/ }).click();
    await page.getByRole('menuitem', { name: 'Name it' }).click();
    await page.getByLabel('Title of the clip').fill('The first three');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 3, name: 'The first three' }).waitFor();
    assertEqual(await faults(page), [], 'accessibility');
    await shootAll(page, 'clips-mine');
  });

  await story.promise('the owner sees it in the studio and deletes it, and its page says so', async () => {
    const studio = await visitor(story, browser);
    await studio.goto(`/login?next=/studio/${slug}`);
    await signIn(studio, owner);
    const tile = studio.getByRole('listitem').filter({ hasText: 'The first three' });
    const page = await tile.getByRole('link', { name: /The first three/ }).getAttribute('href');
    await tile.getByRole('button', { name: /^What to do with/ }).click();
    await studio.getByRole('menuitem', { name: 'Delete' }).click();
    await studio.getByRole('dialog').getByRole('button', { name: 'Delete the clip' }).click();
    await studio.getByText('The clip is deleted.').waitFor();
    assertEqual(await faults(studio), [], 'accessibility');
    await shootAll(studio, 'clips-studio');
    await studio.goto(page);
    await studio.getByRole('heading', { name: 'There is no clip at this address' }).waitFor();
    assertEqual(studio.complaints, [], 'errors in the console');
  });

  await story.promise('the page did not complain', async () =>
    assertEqual(page.complaints, [], 'errors in the console'),
  );
}

/** Presses the scissors, which come with the controls, and go with them two seconds after a hand has last moved. */
async function scissors(page) {
  const control = page.locator('.vjs-clip-control');
  await control.waitFor({ state: 'attached' });
  await until('the scissors are pressed', async () => {
    const { x, y } = await page.locator('.video-js').boundingBox();
    for (const by of [60, 90]) await page.mouse.move(x + by, y + by);
    await control.click({ timeout: 3_000 });
    return true;
  });
}

async function ready(page) {
  await page.locator('.vjs-clip-outcome').getByText('Your clip is ready').waitFor({ timeout: 60_000 });
}

async function drag(page, name, by_px) {
  const box = await page.getByRole('slider', { name }).boundingBox();
  const [x, y] = [box.x + box.width - 14, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by_px, y, { steps: 6 });
  await page.mouse.up();
}

function stands(page, which) {
  return page.locator(`.vjs-clip-${which}`).getAttribute('aria-valuetext');
}

/** Where a marker stands, in milliseconds of the day. */
async function momentOf(page, which) {
  const [, hours, minutes, seconds] = /^(\d+):(\d+):([\d.]+)/.exec(await stands(page, which));
  return Math.round(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000);
}

/** The number on a picture that stays, and that the page was told of; null while it moves. */
async function resting(page) {
  const before = await numberOn(page);
  await page.waitForTimeout(500);
  return before !== null && (await isTold(page)) && before === (await numberOn(page)) ? before : null;
}

/** Hears from now on of every frame that the page is told of; a browser that is busy tells of one long after it shows it. */
function hearFrames(page) {
  return page.evaluate(() => {
    const video = document.querySelector('.video-js video');
    const hear = () =>
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        video.told_s = mediaTime;
        hear();
      });
    hear();
  });
}

function isTold(page) {
  return page.evaluate(
    (frame_s) => {
      const { currentTime, told_s } = document.querySelector('.video-js video');
      return currentTime - told_s > -0.001 && currentTime - told_s < frame_s;
    },
    1 / RATE + 0.001,
  );
}

/** Presses a key so many times, each when the last has arrived; resolves to the number on the picture then. */
async function step(page, keyName, frames, times = 1) {
  let number = await until('a picture at rest', () => resting(page));
  for (let press = 0; press < times; press += 1) {
    const [before, goal] = [number, number + frames / times];
    await page.keyboard.press(keyName);
    // One frame more or less, and the story says so with the sum. The picture before is not the next, however near.
    number = await until('the next picture', async () => {
      const now = await resting(page);
      assert(now !== null && now !== before && Math.abs(now - goal) <= 1, `${now} after ${before}, not ${goal}`);
      return now;
    });
  }
  return number;
}

/** The numbers on the first and on the last frame of the clip on a page. */
async function framesOf(page) {
  return [await frameAt(page, 0), await frameAt(page, 'end')];
}

/** The number on a frame of the clip's page: the first, or the last. */
async function frameAt(page, where) {
  await until('a film', () => page.evaluate((found) => document.querySelector(found)?.readyState >= 1, CLIP));
  await page.evaluate(
    ({ found, where }) => {
      const video = document.querySelector(found);
      video.pause();
      video.currentTime = where === 'end' ? video.duration - 0.001 : where;
    },
    { found: CLIP, where },
  );
  return until('a frame', async () => {
    const before = await numberOn(page, CLIP);
    await page.waitForTimeout(300);
    return before !== null && before === (await numberOn(page, CLIP)) && before;
  });
}

async function plays(page) {
  await page.evaluate((found) => {
    const video = document.querySelector(found);
    video.currentTime = 0;
    video.muted = true;
    return video.play();
  }, CLIP);
  await until('it plays', () => page.evaluate((found) => document.querySelector(found).currentTime > 1, CLIP));
}
