/** What the stories are told by their environment. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const {
  SLUICE_URL,
  SLUICE_RTMP,
  SLUICE_SHOTS,
  SLUICE_ADMIN_EMAIL,
  SLUICE_ADMIN_PASSWORD,
  SLUICE_CHROMIUM,
  SLUICE_FIREFOX,
  SLUICE_CLIPPER,
  SLUICE_THUMBNAILER,
  SLUICE_SHOW_S,
} = process.env;

if (!SLUICE_URL) {
  console.error('SLUICE_URL is missing: set it to the address of a running Sluice, such as http://127.0.0.1:8080');
  process.exit(2);
}

export const settings = {
  url: SLUICE_URL.replace(/\/$/, ''),
  rtmp: SLUICE_RTMP ?? null,
  shots: SLUICE_SHOTS ?? mkdtempSync(join(tmpdir(), 'sluice-shots-')),
  admin: SLUICE_ADMIN_EMAIL ? { email: SLUICE_ADMIN_EMAIL, password: SLUICE_ADMIN_PASSWORD ?? '' } : null,
  clipper: SLUICE_CLIPPER === 'yes',
  thumbnailer: SLUICE_THUMBNAILER === 'yes',
  show_s: Number(SLUICE_SHOW_S ?? 45),
  chromium: SLUICE_CHROMIUM ?? '/usr/bin/chromium',
  firefox: SLUICE_FIREFOX ?? '/usr/bin/firefox-esr',
};

mkdirSync(settings.shots, { recursive: true });
