/** What the storage page makes of figures: words for states, and whether they are good. Pure. */
import type { StorageNode, StoragePlace } from './model';
import { length } from './time';

export const PLACES: Record<StoragePlace['place'], { name: string; meaning: string }> = {
  disk: { name: 'On the disk alone', meaning: 'waits for its way into the object store' },
  both: { name: 'On the disk and in the store', meaning: 'safe, and served from the disk' },
  store: { name: 'In the store alone', meaning: 'safe, and gone from the disk to make room' },
  lost: { name: 'Lost', meaning: 'gone before it was stored; players skip it' },
};

/** A segment is stored within seconds; whoever waits for minutes waits for something to be mended. */
const LATE_MS = 60_000;

/** How far the uploads are behind. */
export function lagWords(lag_ms: number | null): { state: 'well' | 'late'; words: string } {
  if (lag_ms === null) return { state: 'well', words: 'everything is stored' };
  return lag_ms < LATE_MS
    ? { state: 'well', words: `${Math.max(1, Math.round(lag_ms / 1_000))} s behind` }
    : { state: 'late', words: `${length(lag_ms)} behind` };
}

/** How a machine fares, in a word and a sentence. */
export function nodeWords({ state, problem }: StorageNode): { good: boolean; word: string; sentence: string } {
  switch (state) {
    case 'working':
      return { good: true, word: 'working', sentence: problem ?? '' };
    case 'waiting':
      return {
        good: false,
        word: 'waiting',
        sentence: `${problem ?? 'The object store does not answer.'} It tries again by itself; nothing leaves the disk until then.`,
      };
    case 'stuck':
      return {
        good: false,
        word: 'stuck',
        sentence: `${problem ?? 'It cannot go on.'} It waits for you; nothing leaves the disk until then.`,
      };
    case 'silent':
      return {
        good: false,
        word: 'does not run',
        sentence: 'It has said nothing for a while. Start sluice-uploader on this machine, or look into its log.',
      };
  }
}

/** How full a disk is, in percent, and what that means by its watermarks. */
export function fill(node: StorageNode): { percent: number; state: 'well' | 'high' } {
  const used = node.disk_total_bytes - node.disk_free_bytes;
  const percent = node.disk_total_bytes > 0 ? (used / node.disk_total_bytes) * 100 : 0;
  return { percent, state: percent >= node.disk_high_percent ? 'high' : 'well' };
}
