import { describe, expect, it } from 'vitest';

import { type Facts, noteOn } from './notes';

const MINUTE = 60_000;

/** Ten minutes were recorded, live goes on, and half a minute is marked. */
const facts = (more: Partial<Facts> = {}): Facts => ({
  markers: { in_ms: 5 * MINUTE, out_ms: 5.5 * MINUTE },
  bounds: { from_ms: 0, to_ms: 10.5 * MINUTE, shortest_ms: 1_000, longest_ms: 3 * MINUTE },
  edge_ms: 10 * MINUTE,
  live: true,
  recorded: [{ from_ms: 5 * MINUTE, to_ms: 5.5 * MINUTE }],
  stop: null,
  ...more,
});

describe('the note on the markers', () => {
  it('is silent where all is well', () => {
    expect(noteOn(facts())).toBeNull();
  });

  it('says how much is left before the clip is too long', () => {
    const markers = { in_ms: 5 * MINUTE, out_ms: 5 * MINUTE + 170_000 };
    const recorded = [{ from_ms: markers.in_ms, to_ms: markers.out_ms }];
    expect(noteOn(facts({ markers, recorded }))?.text).toBe('10 seconds more, and the clip is as long as it may be.');
  });

  it('says what a marker ran into', () => {
    expect(noteOn(facts({ stop: 'longest' }))).toEqual({
      kind: 'limit',
      about: 'longest',
      text: 'A clip is at most 3 minutes long here. Move the other marker to go on.',
    });
    expect(noteOn(facts({ stop: 'newest' }))?.text).toBe('A clip may end at most 30 seconds ahead of live.');
    expect(noteOn(facts({ stop: 'newest', live: false }))?.text).toMatch(/^Nothing after .* is recorded\.$/);
    expect(noteOn(facts({ stop: 'oldest' }))?.text).toMatch(/^Nothing before /);
    expect(noteOn(facts({ stop: 'shortest' }))?.text).toBe('A clip is at least 1 second long.');
  });

  it('says that an end ahead of live is waited for', () => {
    const markers = { in_ms: 9.9 * MINUTE, out_ms: 10.2 * MINUTE };
    const recorded = [{ from_ms: 9.9 * MINUTE, to_ms: 10 * MINUTE }];
    expect(noteOn(facts({ markers, recorded }))).toEqual({
      kind: 'hint',
      about: 'ahead',
      text: 'The end is 12 seconds ahead of live: the clip is made when it has happened.',
    });
  });

  it('says that what has yet to begin cannot be previewed', () => {
    const markers = { in_ms: 10.1 * MINUTE, out_ms: 10.2 * MINUTE };
    expect(noteOn(facts({ markers, recorded: [] }))).toEqual({
      kind: 'hint',
      about: 'future',
      text: 'All of it is ahead of live: it can be previewed, and is made, when it has happened.',
    });
  });

  it('says what a hole in between means', () => {
    const recorded = [
      { from_ms: 5 * MINUTE, to_ms: 5.1 * MINUTE },
      { from_ms: 5.3 * MINUTE, to_ms: 5.5 * MINUTE },
    ];
    expect(noteOn(facts({ recorded }))?.text).toBe(
      'Nothing was recorded for 12 seconds in between: the clip leaves it out.',
    );
  });

  it('stands against a clip of nothing', () => {
    expect(noteOn(facts({ recorded: [] }))?.kind).toBe('stop');
  });
});
