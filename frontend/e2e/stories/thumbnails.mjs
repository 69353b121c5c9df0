/** What channels look like: a tile that is renewed, the day under the pointer, and the poster of a show. */
import { faults } from '../lib/accessibility.mjs';
import { DESKTOP, PHONE, shoot, shootAll, visitor } from '../lib/browser.mjs';
import { publishNumbered } from '../lib/numbered-encoder.mjs';
import { numberOn } from '../lib/picture.mjs';
import { assert, assertEqual, until } from '../lib/report.mjs';
import { settings } from '../lib/settings.mjs';
import { openChannel } from '../lib/studio.mjs';

/** A sheet that is being filled is put about once a minute, and a machine may be busy. */
const SHEET_S = 150;

export async function thumbnails(story, browser) {
  if (!settings.thumbnailer) {
    story.skip('a channel on air is shown by what it looks like', 'SLUICE_THUMBNAILER is not set');
    return;
  }
  const { slug, server, key } = await openChannel();
  const encoder = publishNumbered(`${server}/${key}`);
  story.after(() => encoder.stop());
  const page = await visitor(story, browser);
  const tile = page.locator(`a[href="/watch/${slug}"] img`);

  await story.promise(
    'a channel on air is shown by what it looks like, and soon by what it looks like then',
    async () => {
      await page.goto('/');
      await tile.waitFor({ timeout: 90_000 });
      assert(await tile.evaluate((img) => img.complete && img.naturalWidth > 0), 'the picture is there');
      assert((await tile.getAttribute('alt')).startsWith('Live picture of'), 'it has words');
      const first = await tile.getAttribute('src');
      await until('another picture', async () => (await tile.getAttribute('src')) !== first);
      assertEqual(await faults(page), [], 'accessibility');
      await shootAll(page, 'home-thumbnails');
    },
  );

  await story.promise('the day strip shows what the moment under the pointer looked like', async () => {
    await page.goto(`/watch/${slug}`);
    await until('a numbered picture', () => numberOn(page), { within_s: 60 });
    const maps = [];
    page.on('request', (request) => request.url().includes('storyboard.vtt') && maps.push(request.url()));
    const strip = page.getByRole('slider', { name: 'Moment of the day' });
    await strip.scrollIntoViewIfNeeded();
    assertEqual(maps, [], 'maps before anybody pointed');
    const preview = page.locator('.preview img');
    await until(
      'a tile',
      async () => {
        const box = await strip.boundingBox();
        // To the right of now lies nothing; a pixel is two minutes.
        for (const back of [1, 2, 3]) {
          await page.mouse.move(box.x + box.width - back, box.y + box.height - 10);
          await page.waitForTimeout(600);
          if (await preview.isVisible()) return true;
        }
        return false;
      },
      { within_s: SHEET_S, every_ms: 3_000 },
    );
    const [box, within] = [await page.locator('.preview').boundingBox(), await strip.boundingBox()];
    assert(box.x >= within.x - 1 && box.x + box.width <= within.x + within.width + 1, 'it stays over the strip');
    await shoot(page, 'day-preview-1280');
    await page.mouse.move(0, 0);
    assert((await preview.count()) === 0, 'it goes with the pointer');
    await page.setViewportSize(PHONE);
    await strip.focus();
    await page.keyboard.press('ArrowLeft');
    await shoot(page, 'day-preview-390');
    await page.setViewportSize(DESKTOP);
  });

  await story.promise('a show that is over has a poster', async () => {
    await encoder.stop();
    const poster = page.locator('.poster img').first();
    await until(
      'a poster',
      async () => {
        await page.goto(`/watch/${slug}/archive`);
        await page.getByRole('heading', { name: 'Recordings' }).waitFor();
        return poster.evaluate((img) => img.complete && img.naturalWidth > 0, null, { timeout: 3_000 });
      },
      { within_s: 90, every_ms: 3_000 },
    );
    await shootAll(page, 'archive-posters');
  });

  assertEqual(page.complaints, [], 'what the browser complained of');
}
