import { describe, expect, it } from 'vitest';

import { segmentsClock } from './clock';
import { Marking } from './marking';

const NINE = Date.parse('2026-11-21T09:00:00Z');
const MINUTE = 60_000;
/** Of NTSC's 29.97 a second. */
const FRAME_MS = 1_001 / 30;

/** Ten minutes of a live show, and half a minute marked up to its edge. */
function marking(max_s = 60) {
  const segment = { start: 0, duration: 600, programDateTime: NINE };
  const clock = segmentsClock(() => [segment]);
  return new Marking(clock, { max_s }, { from_ms: NINE, to_ms: NINE + 10 * MINUTE, live: true }, NINE + 10 * MINUTE);
}

/** Where the frame begins that shows a moment. */
const frameOf = (moment_ms: number) => NINE + Math.floor((moment_ms - NINE) / FRAME_MS) * FRAME_MS;

describe('a marker that is set to its frame', () => {
  it('makes no clip longer than the longest', () => {
    const markers = marking();
    markers.put('out', NINE + 5 * MINUTE);
    markers.move('in', -10 * MINUTE);
    expect(frameOf(markers.at('in'))).toBeLessThan(markers.at('in') - 5);
    const frame_ms = frameOf(markers.at('in'));
    markers.snap('in', frame_ms);
    expect(markers.at('in')).toBe(frame_ms);
    expect(markers.at('out') - markers.at('in')).toBe(MINUTE);
  });

  it('makes no clip shorter than the shortest', () => {
    const markers = marking();
    markers.put('in', NINE + 5 * MINUTE);
    markers.move('out', -10 * MINUTE);
    markers.snap('out', frameOf(markers.at('out')));
    expect(markers.at('out') - markers.at('in')).toBe(1_000);
  });

  it('stands where the frame begins everywhere else', () => {
    const markers = marking();
    const out_ms = markers.at('out');
    markers.move('in', 7);
    const frame_ms = frameOf(markers.at('in'));
    markers.snap('in', frame_ms);
    expect(markers.markers).toEqual({ in_ms: frame_ms, out_ms });
  });
});

describe('what can be played of a clip', () => {
  it('ends at live', () => {
    const markers = marking();
    markers.move('out', 20_000);
    expect(markers.playable).toEqual({ in_ms: markers.at('in'), out_ms: NINE + 10 * MINUTE });
  });

  it('is nothing where it begins ahead of live', () => {
    const markers = marking();
    markers.move('out', 20_000);
    markers.move('in', 40_000);
    expect(markers.at('in')).toBeGreaterThan(NINE + 10 * MINUTE);
    expect(markers.playable).toBeNull();
  });
});
