/** The browser, and visitors in it: each with cookies and a window of their own. */
import { join } from 'node:path';

import { chromium, firefox } from 'playwright-core';

import { settings } from './settings.mjs';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** Refusals that a story provokes, and those that a page asks for in the ordinary course of things. */
const EXPECTED = /the server responded with a status of (400|401|403|404|409|422)|WebSocket connection to/;

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export function openBrowser() {
  return chromium.launch({ executablePath: settings.chromium, args: ARGS });
}

/**
 * Firefox as Debian has it, by WebDriver BiDi. From 1.65 on, playwright-core asks for commands that Firefox 153 does not
 * know yet (`emulation.setMediaFeaturesOverride`), so its version is held where it is.
 */
export function openFirefox() {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: settings.firefox,
    firefoxUserPrefs: { 'media.autoplay.default': 0 },
  });
}

/** A visitor's page. What it logs as an error, or throws, is kept in `page.complaints`. */
export async function visitor(story, browser, { viewport = DESKTOP, theme = 'dark' } = {}) {
  const context = await browser.newContext({ baseURL: settings.url, viewport, colorScheme: theme });
  // Generous: the machine may be busy with an encoder and a build at once.
  context.setDefaultTimeout(40_000);
  story.after(() => context.close());
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  return page;
}

/** Keeps a picture of the whole page. */
export async function shoot(page, name) {
  await page.screenshot({ path: join(settings.shots, `${name}.png`), fullPage: true });
}

/** The page in both widths and both themes. */
export async function shootAll(page, name) {
  for (const [size, viewport] of Object.entries({ 1280: DESKTOP, 390: PHONE })) {
    await page.setViewportSize(viewport);
    for (const theme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForTimeout(150);
      await shoot(page, `${name}-${size}-${theme}`);
    }
  }
  await page.setViewportSize(DESKTOP);
}
