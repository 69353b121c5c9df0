import { describe, expect, it } from 'vitest';

import { aSession } from '../testing/fixtures';
import { judge, remember, type Sample, TRACE_MS, traceSpan } from './ingest';

const NOW = 1_000_000;
const every2s = (rates: number[]): Sample[] => rates.map((bps, at) => ({ at: NOW - (rates.length - at) * 2_000, bps }));

describe('the verdict on what comes in', () => {
  it('is healthy when nothing is wrong', () => {
    expect(judge(aSession(), every2s(Array(20).fill(5_800_000)), NOW)).toEqual({
      state: 'well',
      word: 'healthy',
      advice: [],
    });
  });

  it('waits while nothing was measured', () => {
    expect(judge(aSession({ bitrate_bps: null }), [], NOW).state).toBe('waiting');
  });

  it('advises 2 s between keyframes past 4.5 s, and not before', () => {
    expect(judge(aSession({ keyframe_interval_ms: 4_500 }), [], NOW).state).toBe('well');
    const verdict = judge(aSession({ keyframe_interval_ms: 10_000 }), [], NOW);
    expect(verdict.state).toBe('advice');
    expect(verdict.advice[0]).toMatch(/10\.0 s apart.*2 s/);
  });

  it('finds a bitrate too low for its picture', () => {
    expect(judge(aSession({ bitrate_bps: 700_000 }), [], NOW).advice[0]).toMatch(/low for a picture of 1920 × 1080/);
    expect(judge(aSession({ bitrate_bps: 700_000, width: 640, height: 360 }), [], NOW).advice).toEqual([]);
  });

  it('finds a connection that cannot carry the bitrate, by its repeated troughs', () => {
    const steady = Array(10).fill(5_000_000);
    expect(judge(aSession(), every2s([...steady, 900_000, 5_000_000]), NOW).advice).toEqual([]);
    expect(judge(aSession(), every2s([...steady, 900_000, 5_000_000, 800_000]), NOW).advice[0]).toMatch(/cable/);
  });
});

describe('the trace', () => {
  it('shows more of the past as the show grows older', () => {
    expect(traceSpan([], NOW).words).toBe('30 s');
    expect(traceSpan([{ at: NOW - 31_000, bps: 1 }], NOW).words).toBe('1 min');
    expect(traceSpan([{ at: NOW - 90_000, bps: 1 }], NOW)).toEqual({ ms: TRACE_MS, words: '3 min' });
  });

  it('forgets what is older than it shows, and takes no moment twice', () => {
    const old = { at: NOW - TRACE_MS - 1, bps: 1 };
    const recent = { at: NOW - 2_000, bps: 2 };
    expect(remember([old, recent], { at: NOW, bps: 3 })).toEqual([recent, { at: NOW, bps: 3 }]);
    expect(remember([{ at: NOW, bps: 2 }], { at: NOW, bps: 3 })).toEqual([{ at: NOW, bps: 3 }]);
  });
});
