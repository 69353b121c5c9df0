import { beforeEach, expect, it, vi } from 'vitest';

import { FakeHls } from './fake-engine';
import { HeadStart } from './head-start';

const SRC = '/live/stage-north/index.m3u8';
const create = () => new HeadStart(FakeHls.asEngine(), {});

beforeEach(() => {
  FakeHls.all = [];
  FakeHls.supported = true;
});

it('is given to the first who plays the same source', () => {
  const headStart = create();
  headStart.begin(SRC, 'low-latency');
  expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
  expect(headStart.take('/live/another/index.m3u8')).toBeNull();
  expect(headStart.take(SRC)).toBe(FakeHls.newest);
  expect(headStart.take(SRC)).toBeNull();
});

it('is one at a time', () => {
  const headStart = create();
  headStart.begin(SRC, 'low-latency');
  const first = FakeHls.newest;
  headStart.begin('/live/another/index.m3u8', 'smooth');
  expect(first.calls).toContain('destroy');
  expect(FakeHls.newest.lowLatencyMode).toBe(false);
  expect(headStart.take(SRC)).toBeNull();
});

it('is forgotten when the show is over', () => {
  const headStart = create();
  headStart.begin(SRC, 'low-latency');
  FakeHls.newest.emit('levelLoaded', { details: { live: false } });
  expect(headStart.take(SRC)).toBeNull();
});

it('is forgotten when it fails, unless somebody has taken it', () => {
  const headStart = create();
  headStart.begin(SRC, 'low-latency');
  FakeHls.newest.emit('error', { fatal: false });
  FakeHls.newest.emit('error', { fatal: true });
  expect(FakeHls.newest.calls).toContain('destroy');
  expect(headStart.take(SRC)).toBeNull();
  headStart.begin(SRC, 'low-latency');
  headStart.take(SRC);
  FakeHls.newest.emit('error', { fatal: true });
  expect(FakeHls.newest.calls).not.toContain('destroy');
});

it('is over when nobody comes for it', () => {
  vi.useFakeTimers();
  const headStart = create();
  headStart.begin(SRC, 'low-latency');
  vi.advanceTimersByTime(60_000);
  expect(FakeHls.newest.calls).toContain('destroy');
  expect(headStart.take(SRC)).toBeNull();
  vi.useRealTimers();
});

it('is not made where the browser plays by itself', () => {
  FakeHls.supported = false;
  create().begin(SRC, 'low-latency');
  expect(FakeHls.all).toHaveLength(0);
});
