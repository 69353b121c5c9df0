/**
 * The site's stories, told in a real browser against a running Sluice.
 *
 *   SLUICE_URL             where the site is, such as http://127.0.0.1:8080 (required)
 *   SLUICE_RTMP            what the studio must show as the server for OBS, such as rtmp://127.0.0.1:1935/live
 *   SLUICE_SHOTS           a directory for screenshots; a temporary one when absent
 *   SLUICE_ADMIN_EMAIL     an administrator's login; without it and
 *   SLUICE_ADMIN_PASSWORD  the administration's story is left out
 *   SLUICE_CLIPPER         `yes` where clips are cut, too; without it the clips' story is left out
 *   SLUICE_THUMBNAILER     `yes` where thumbnails are made, too; without it their story is left out
 *   SLUICE_SHOW_S          how long the show is that is rewound, 45 s when absent; from six minutes on, its playlist
 *                          is long enough for reloads that skip most of it
 *   SLUICE_CHROMIUM        the browser; /usr/bin/chromium when absent
 *   SLUICE_FIREFOX         the one that plays clips, too; /usr/bin/firefox-esr when absent
 *
 * Prints a line for each promise and ends with "N passed, N failed"; the exit code is 0 when none failed.
 * Names of stories as arguments (node run.mjs going-live) tell only those.
 */
import { openBrowser } from './lib/browser.mjs';
import { Report } from './lib/report.mjs';
import { settings } from './lib/settings.mjs';
import { accounts } from './stories/accounts.mjs';
import { administration } from './stories/administration.mjs';
import { clips } from './stories/clips.mjs';
import { goingLive } from './stories/going-live.mjs';
import { looks } from './stories/looks.mjs';
import { lowLatency } from './stories/low-latency.mjs';
import { rewind } from './stories/rewind.mjs';
import { thumbnails } from './stories/thumbnails.mjs';

const stories = {
  accounts,
  'going-live': goingLive,
  'low-latency': lowLatency,
  rewind,
  clips,
  thumbnails,
  administration,
  looks,
};

const asked = process.argv.slice(2);
const report = new Report();
const browser = await openBrowser();
try {
  for (const [name, tell] of Object.entries(stories)) {
    if (asked.length === 0 || asked.includes(name)) await report.story(name, (story) => tell(story, browser));
  }
} finally {
  await browser.close();
}
console.log(`# screenshots in ${settings.shots}`);
process.exitCode = report.end();
