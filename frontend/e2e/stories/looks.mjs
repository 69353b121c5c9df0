/** Every public page: accessible, walkable by keyboard, no wider than a phone, in both themes. */
import { faults, walkFaults } from '../lib/accessibility.mjs';
import { PHONE, shootAll, visitor } from '../lib/browser.mjs';
import { assertEqual } from '../lib/report.mjs';

const PAGES = {
  login: '/login',
  signup: '/signup',
  reset: '/reset',
  'not-found': '/no/such/page',
  'no-channel': '/watch/no-such-channel',
};

export async function looks(story, browser) {
  const page = await visitor(story, browser);

  for (const [name, path] of Object.entries(PAGES)) {
    await story.promise(`${path} is labelled, has one heading, and is walked by keyboard in order`, async () => {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      assertEqual(await faults(page), [], 'accessibility');
      assertEqual(await walkFaults(page), [], 'the walk by keyboard');
      await shootAll(page, name);
    });
  }

  await story.promise('on a phone, no page is wider than the window, and the menu holds the ways around', async () => {
    await page.setViewportSize(PHONE);
    for (const path of ['/', ...Object.values(PAGES)]) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assertEqual(over, 0, `pixels that ${path} is too wide`);
    }
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Sign up' }).waitFor();
    await page.keyboard.press('Escape');
    assertEqual(
      await page.getByRole('button', { name: 'Open the menu' }).getAttribute('aria-expanded'),
      'false',
      'the menu',
    );
  });

  await story.promise('a chosen theme is remembered, and there before the first paint', async () => {
    const reader = await visitor(story, browser, { theme: 'dark' });
    await reader.goto('/');
    await reader.getByRole('radio', { name: 'Light' }).check({ force: true });
    const light = await ground(reader);
    await reader.addInitScript(() => {
      // The module scripts come later than the theme's own: what is set when the body begins was set by that.
      new MutationObserver((_, observer) => {
        if (!document.body) return;
        window.themeAtBody = document.documentElement.dataset.theme;
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await reader.reload();
    await reader.getByRole('heading', { level: 1 }).waitFor();
    assertEqual(await reader.evaluate(() => window.themeAtBody), 'light', 'the theme when the body begins');
    assertEqual(await ground(reader), light, 'the ground after a reload');
    await reader.getByRole('radio', { name: 'System' }).check({ force: true });
    assertEqual((await ground(reader)) === light, false, 'light where the system is dark');
  });

  await story.promise('no page complained', async () => assertEqual(page.complaints, [], 'errors in the console'));
}

function ground(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}
