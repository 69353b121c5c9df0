/**
 * Judges playlists by hls-parser in strict mode.
 *
 *   node strict-playlists.mjs FILE      FILE: a JSON list of playlists' texts
 *
 * Prints the first playlist that is refused, with the reason; the exit code is 0 when there is none.
 */
import { readFileSync } from 'node:fs';
import { parse, setOptions } from 'hls-parser';

setOptions({ strictMode: true });

/**
 * The text without the parts that hls-parser takes for too old. It lets none but the last three segments have parts,
 * the one being written counted in; the rule is three target durations from the end, which reach into a fourth.
 */
function withoutOlderParts(text) {
  const segments = text.split(/(?<=^#EXTINF:.*\n.*\n)/m);
  const older = segments.length - 3;
  return segments.map((lines, index) => (index < older ? lines.replaceAll(/^#EXT-X-PART:.*\n/gm, '') : lines)).join('');
}

const [file] = process.argv.slice(2);
const playlists = JSON.parse(readFileSync(file, 'utf8'));
for (const [version, text] of playlists.entries()) {
  try {
    parse(withoutOlderParts(text));
  } catch (error) {
    console.error(`version ${version} is refused: ${error.message}\n${text}`);
    process.exit(1);
  }
}
console.log(`${playlists.length} versions accepted`);
