/** The main job: from sign-up to a picture that a stranger watches, through a lost link, to the end of the show. */
import { faults } from '../lib/accessibility.mjs';
import { shootAll, visitor } from '../lib/browser.mjs';
import { publish } from '../lib/encoder.mjs';
import { isColour, look, movesOn, untilPlaying } from '../lib/picture.mjs';
import { assert, assertEqual, until } from '../lib/report.mjs';
import { settings } from '../lib/settings.mjs';
import { newPerson, signUp } from './people.mjs';

const TEAL = [16, 160, 160];

export async function goingLive(story, browser) {
  const owner = await visitor(story, browser);
  const guest = await visitor(story, browser);
  const person = newPerson();
  const slug = `show-${person.tag}`;

  await story.promise('a newcomer signs up and arrives in the studio', async () => {
    await signUp(owner, person);
    await owner.waitForURL('**/studio');
  });

  await story.promise('a title makes the address of a channel', async () => {
    await owner.getByLabel('Title').fill(`Show ${person.tag}`);
    assertEqual(await owner.getByLabel('Address').inputValue(), slug, 'the address');
    await owner.getByRole('button', { name: 'Create the channel' }).click();
    await owner.waitForURL(`**/studio/${slug}`);
    await owner.getByRole('heading', { level: 1, name: `Show ${person.tag}` }).waitFor();
  });

  const { server, key } = await story.promise('a new stream key is shown beside the server for OBS', () =>
    makeKey(owner),
  );

  await story.promise('the watch page of a channel without a show says so and waits', async () => {
    await guest.goto(`/watch/${slug}`);
    await guest.getByText('This page goes live by itself').waitFor();
    assertEqual(await faults(guest), [], 'accessibility');
  });

  let encoder = publish(story, server, key);
  await story.promise('the watch page goes live by itself, and its picture moves and is not black', async () => {
    const seen = await untilPlaying(guest, encoder);
    await until('the picture moves on', () => movesOn(guest, seen.time_s + 2));
    assert(seen.dark < 0.5, `the picture is ${Math.round(seen.dark * 100)}% black`);
    await guest
      .getByText(/on air\s+00:\d\d:\d\d/i)
      .first()
      .waitFor();
  });

  await story.promise('the studio shows the show on air, its bitrate and a silent preview', async () => {
    const bitrate = owner.locator('[data-fact="bitrate"] b');
    await until('a bitrate above nothing', async () => Number(await bitrate.textContent()) > 0, { within_s: 40 });
    const preview = await until('the preview plays', () => movesOn(owner, 0));
    assert(preview.muted, 'the preview has sound');
    assertEqual(await faults(owner), [], 'accessibility');
  });

  await story.promise('the home page lists the show', async () => {
    const home = await visitor(story, browser);
    await home.goto('/');
    await home.getByRole('link', { name: new RegExp(`Show ${person.tag}`) }).waitFor();
    assertEqual(await faults(home), [], 'accessibility');
    await shootAll(home, 'home');
    await home.context().close();
  });

  await story.promise('both pages keep their form on a desk and on a phone, dark and light', async () => {
    await shootAll(guest, 'watch');
    await shootAll(owner, 'studio');
    assertEqual(await sideways(guest), 0, 'pixels that the watch page is too wide');
  });

  await story.promise('a link lost in the middle of the show is played through', async () => {
    await encoder.lose();
    encoder = publish(story, server, key, { picture: 'teal' });
    const seen = await until('the second picture', () => lookForTeal(guest, encoder), { within_s: 60 });
    await until('it moves on', () => movesOn(guest, seen.time_s + 2));
  });

  await story.promise('a player that is left leaves nothing running', () => leavesNothing(story, browser, slug));

  await story.promise('after its page was left, the server is still shown, and the key nowhere', async () => {
    await owner.goto(`/studio/${slug}`);
    await owner.getByText(`••••${key.slice(-4)}`).waitFor();
    await owner.getByText(server, { exact: true }).waitFor();
    const kept = await owner.evaluate(
      () => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href,
    );
    assert(!kept.includes(key), 'the key is still in the page, its storage or its address');
  });

  await story.promise('the owner ends the show, and the watch page says that it is over', async () => {
    await owner.getByRole('button', { name: 'End the show' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'End the show' }).click();
    await guest.getByText('The show is over').first().waitFor({ timeout: 60_000 });
    await until('the history tells how it ended', async () =>
      (await owner.getByRole('table', { name: /Shows/ }).textContent()).includes('Ended from the studio'),
    );
    await encoder.lose();
  });

  await story.promise('a revoked key is crossed out', async () => {
    await owner.getByRole('button', { name: 'Revoke OBS at home' }).click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click();
    await owner.getByText(/^revoked/).waitFor();
  });

  await story.promise('neither page complained', async () => {
    assertEqual([...owner.complaints, ...guest.complaints], [], 'errors in the console');
  });
}

async function makeKey(page) {
  await page.getByRole('button', { name: 'Make a stream key' }).click();
  await page.getByLabel('What is the key for?').fill('OBS at home');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const panel = page.getByRole('region', { name: /Your new key/ });
  await panel.locator('code').nth(1).waitFor();
  const [server, key] = await panel.locator('code').allTextContents();
  assert(/^sk_[a-z0-9]{32}$/.test(key), 'the key does not look like one');
  if (settings.rtmp) assertEqual(server, settings.rtmp, 'the server');
  assertEqual(await faults(page), [], 'accessibility');
  return { server, key };
}

async function lookForTeal(page, encoder) {
  const seen = await look(page);
  if (seen && !seen.paused && isColour(seen, TEAL)) return seen;
  throw new Error(`${JSON.stringify(seen)}; ffmpeg: ${encoder.said()}`);
}

/** Leaves a playing watch page for another page of the site: no request for the stream may follow. */
async function leavesNothing(story, browser, slug) {
  const page = await visitor(story, browser);
  await page.goto(`/watch/${slug}`);
  await until('the picture plays', () => movesOn(page, 0), { within_s: 60 });
  await page.getByRole('link', { name: 'On air', exact: true }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await until('the player is gone', async () => (await page.locator('video').count()) === 0);
  const asked = [];
  page.on('request', (request) => request.url().includes('/live/') && asked.push(request.url()));
  // Nothing is to happen, so there is nothing to wait for but time: two segments' worth.
  await page.waitForTimeout(5_000);
  assertEqual(asked, [], 'requests after leaving');
  await page.context().close();
}

function sideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
