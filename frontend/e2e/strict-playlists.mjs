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

const [file] = process.argv.slice(2);
const playlists = JSON.parse(readFileSync(file, 'utf8'));
for (const [version, text] of playlists.entries()) {
  try {
    parse(text);
  } catch (error) {
    console.error(`version ${version} is refused: ${error.message}\n${text}`);
    process.exit(1);
  }
}
console.log(`${playlists.length} versions accepted`);
