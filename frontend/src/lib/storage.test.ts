import { describe, expect, it } from 'vitest';

import { aStorageNode } from '../testing/fixtures';
import { fill, lagWords, nodeWords } from './storage';

describe('the words for the storage', () => {
  it('say how far uploads are behind, and when that is too far', () => {
    expect(lagWords(null)).toEqual({ state: 'well', words: 'everything is stored' });
    expect(lagWords(2_400)).toEqual({ state: 'well', words: '2 s behind' });
    expect(lagWords(1_260_000)).toEqual({ state: 'late', words: '21:00 behind' });
  });

  it.each(['waiting', 'stuck', 'silent'] as const)('say what to do about a machine that is %s', (state) => {
    const words = nodeWords(aStorageNode({ state, problem: 'The bucket is gone.' }));
    expect(words.good).toBe(false);
    expect(words.sentence).toMatch(/by itself|waits for you|Start sluice-uploader/);
  });

  it('say nothing about a machine that works', () =>
    expect(nodeWords(aStorageNode())).toMatchObject({ good: true, sentence: '' }));
});

describe('a disk', () => {
  it('is high from its watermark on', () => {
    expect(fill(aStorageNode({ disk_total_bytes: 100, disk_free_bytes: 46 }))).toEqual({ percent: 54, state: 'well' });
    expect(fill(aStorageNode({ disk_total_bytes: 100, disk_free_bytes: 15 })).state).toBe('high');
    expect(fill(aStorageNode({ disk_total_bytes: 0, disk_free_bytes: 0 })).percent).toBe(0);
  });
});
