import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { listen, pause } from './realtime';

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  close = vi.fn();
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
}

const newest = () => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});

afterEach(() => vi.useRealTimers());

describe('the connection to /ws', () => {
  it('names its channels, or none for all of them', () => {
    listen(['ab', 'c-d'], { onevent: vi.fn() })();
    expect(newest().url).toMatch(/^ws:\/\/[^/]+\/ws\?channel=ab&channel=c-d$/);
    listen([], { onevent: vi.fn() })();
    expect(newest().url).toMatch(/\/ws$/);
  });

  it('passes on the events it knows, and nothing else', () => {
    const onevent = vi.fn();
    const stop = listen([], { onevent });
    const event = { type: 'viewers', channel: 'ab', viewers: 3 };
    for (const data of [JSON.stringify(event), '{"type":"confetti"}', 'null', 'not json', new ArrayBuffer(1)]) {
      newest().onmessage?.({ data });
    }
    expect(onevent.mock.calls).toEqual([[event]]);
    stop();
  });

  it('comes back by itself, with growing pauses, and says so each time', () => {
    const [onopen, onclose] = [vi.fn(), vi.fn()];
    const stop = listen([], { onevent: vi.fn(), onopen, onclose });
    for (let failure = 0; failure < 3; failure += 1) {
      newest().onclose?.();
      vi.advanceTimersByTime(pause(failure, () => 1));
      expect(FakeSocket.all).toHaveLength(failure + 2);
    }
    newest().onopen?.();
    expect(onopen).toHaveBeenCalledOnce();
    expect(onclose).toHaveBeenCalledTimes(3);
    stop();
  });

  it('pauses between half and the whole of a time that doubles up to twenty seconds', () => {
    expect(pause(0, () => 0)).toBe(500);
    expect(pause(0, () => 1)).toBe(1_000);
    expect(pause(3, () => 1)).toBe(8_000);
    expect(pause(30, () => 1)).toBe(20_000);
  });

  it('leaves nothing behind when it is stopped', () => {
    const stop = listen([], { onevent: vi.fn() });
    const socket = newest();
    socket.onclose?.();
    stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(socket.close).toHaveBeenCalled();
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
  });
});
