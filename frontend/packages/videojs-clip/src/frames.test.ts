import { describe, expect, it } from 'vitest';

import { Frames } from './frames';

/** A video that tells of frames at these media times, in milliseconds, each presented right after the one before. */
function shown(times_ms: number[]) {
  let tell: VideoFrameRequestCallback = () => undefined;
  const video = { requestVideoFrameCallback: (next: typeof tell) => (tell = next) && 1 };
  const frames = new Frames(video as never);
  times_ms.forEach((time_ms, at) => tell(0, { mediaTime: time_ms / 1_000, presentedFrames: at } as never));
  return frames;
}

describe('how long a frame lasts', () => {
  it('is told from timestamps in whole milliseconds', () => {
    const frames = shown(Array.from({ length: 40 }, (_, at) => Math.round((at * 1_000) / 30)));
    expect(frames.length_ms).toBeCloseTo(1_000 / 30, 0);
  });

  it('is told right by a browser that leaves most of them out', () => {
    const numbers = [0, 3, 5, 8, 9, 12, 14, 17, 19, 20, 23, 26];
    expect(shown(numbers.map((number) => number * 40)).length_ms).toBeCloseTo(40, 5);
  });
});
