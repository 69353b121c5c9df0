/** Clips and those who make them, for tests. */
import { type Mock, vi } from 'vitest';

import type { Clip, ClipTransport } from '../transport';

export function aClip(facts: Partial<Clip> = {}): Clip {
  return {
    id: 'c1',
    state: 'queued',
    progress: 0,
    title: null,
    url: null,
    poster: null,
    page: '/clip/c1',
    download: null,
    start: '2026-11-21T09:00:00.000Z',
    actual_start: null,
    duration_ms: null,
    reason: null,
    reason_text: null,
    can_manage: true,
    ...facts,
  };
}

export const READY = aClip({
  state: 'ready',
  progress: 1,
  url: '/clips/c1.mp4',
  download: '/api/v1/clips/c1/download',
  duration_ms: 30_000,
});

export type FakeTransport = { [K in 'create' | 'poll' | 'retry']: Mock<NonNullable<ClipTransport[K]>> };

/** Takes every clip, and cuts it without ever being done. */
export function aTransport(): FakeTransport {
  const cutting = aClip({ state: 'running', progress: 0.4 });
  return {
    create: vi.fn(() => Promise.resolve(aClip())),
    poll: vi.fn(() => Promise.resolve(cutting)),
    retry: vi.fn(() => Promise.resolve(aClip())),
  };
}
