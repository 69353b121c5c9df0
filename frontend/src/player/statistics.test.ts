import { describe, expect, it } from 'vitest';

import { rows, statisticsOf } from './statistics';

const ranges = (...pairs: [number, number][]) =>
  ({
    length: pairs.length,
    start: (at: number) => pairs[at]?.[0],
    end: (at: number) => pairs[at]?.[1],
  }) as TimeRanges;

const video = (facts: object = {}) =>
  ({
    currentTime: 100,
    playbackRate: 1,
    videoWidth: 1280,
    videoHeight: 720,
    buffered: ranges([90, 100.8]),
    seekable: ranges([40, 106]),
    getVideoPlaybackQuality: () => ({ totalVideoFrames: 12_345, droppedVideoFrames: 3 }),
    ...facts,
  }) as unknown as HTMLVideoElement;

const source = { behind_s: 1.234, target_s: 1.1, bitrate_bps: 2_640_000, byParts: true };
const latency = { mode: 'low-latency', stalls: 0 } as const;

describe('the statistics', () => {
  it('say how a show plays by parts', () => {
    expect(rows(statisticsOf(video(), source, latency))).toEqual([
      ['Behind live', '1.2 s'],
      ['Target', '1.1 s'],
      ['Mode', 'low latency'],
      ['Buffer', '0.8 s'],
      ['Bitrate', '2.6 Mb/s'],
      ['Picture', '1280×720'],
      ['Dropped frames', '3 of 12,345'],
      ['Stalls', '0'],
      ['Speed', '1.00×'],
      ['Engine', 'hls.js'],
    ]);
  });

  it.each([
    [{ ...latency, mode: 'smooth' }, source, 'smooth'],
    [latency, { ...source, byParts: false }, 'low latency, not offered'],
    [latency, null, 'the browser’s own'],
  ] as const)('name the mode as it is', (latency, source, mode) => {
    expect(new Map(rows(statisticsOf(video(), source, latency))).get('Mode')).toBe(mode);
  });

  it('know less where the browser plays by itself, and say so', () => {
    const said = new Map(rows(statisticsOf(video(), null, latency)));
    expect([said.get('Engine'), said.get('Behind live'), said.get('Target'), said.get('Bitrate')]).toEqual([
      'native',
      '6.0 s',
      '–',
      '–',
    ]);
  });

  it('claim nothing before there is a picture', () => {
    const nothing = { videoWidth: 0, videoHeight: 0, buffered: ranges(), getVideoPlaybackQuality: undefined };
    const unknown = { behind_s: null, target_s: null, bitrate_bps: null, byParts: false };
    const said = new Map(rows(statisticsOf(video(nothing), unknown, latency)));
    for (const name of ['Behind live', 'Target', 'Bitrate', 'Picture', 'Dropped frames']) {
      expect(said.get(name)).toBe('–');
    }
    expect(said.get('Buffer')).toBe('0.0 s');
  });

  it('take what plays now for the buffer, not what lies further on', () => {
    const split = video({ buffered: ranges([80, 99], [99.95, 102], [110, 120]) });
    expect(statisticsOf(split, source, latency).buffer_s).toBe(2);
  });
});
