import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LATENCY_EVENT, LatencyControl, latencyOf } from './latency';

/** A player that a test makes wait and play. */
class FakePlayer {
  seeks = false;
  heard: string[] = [];
  readonly #listeners = new Map<string, (() => void)[]>();

  on(events: string | string[], listener: () => void): void {
    for (const event of [events].flat()) this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  trigger(event: string): void {
    this.heard.push(event);
    for (const listener of this.#listeners.get(event) ?? []) listener();
  }

  seeking = () => this.seeks;

  stall(times = 1): void {
    for (let time = 0; time < times; time += 1) {
      for (const event of ['playing', 'waiting', 'playing']) this.trigger(event);
    }
  }
}

const engine = { byParts: true, setMode: vi.fn(), rejoin: vi.fn() };

function create() {
  const player = new FakePlayer();
  return { player, latency: new LatencyControl(player, () => engine) };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  engine.byParts = true;
  engine.setMode.mockReset();
  engine.rejoin.mockReset();
});

afterEach(() => vi.useRealTimers());

describe('how close to live a player plays', () => {
  it('is low latency, unless the viewer chose otherwise', () => {
    expect(create().latency.mode).toBe('low-latency');
  });

  it('is what the viewer chose, here and in the next player', () => {
    const { player, latency } = create();
    latency.choose('smooth');
    expect(latency.mode).toBe('smooth');
    expect(engine.setMode).toHaveBeenCalledExactlyOnceWith('smooth');
    expect(player.heard).toContain(LATENCY_EVENT);
    expect(create().latency.mode).toBe('smooth');
    latency.choose('low-latency');
    expect(create().latency.mode).toBe('low-latency');
  });

  it('is what the viewer chose where nothing can be remembered', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('closed', 'SecurityError');
    });
    const { latency } = create();
    latency.choose('smooth');
    expect(latency.mode).toBe('smooth');
  });

  it('is found by the player', () => {
    const { player, latency } = create();
    expect(latencyOf(player)).toBe(latency);
    expect(latencyOf(undefined)).toBeUndefined();
  });
});

describe('after stalls', () => {
  it('falls back to smooth with the third within a minute, and says so', () => {
    const { player, latency } = create();
    player.stall(2);
    expect(latency.fellBack).toBe(false);
    player.stall();
    expect([latency.mode, latency.fellBack, latency.stalls]).toEqual(['smooth', true, 3]);
    expect(engine.setMode).toHaveBeenCalledExactlyOnceWith('smooth');
    expect(player.heard).toContain(LATENCY_EVENT);
  });

  it('remembers nothing that it did by itself', () => {
    create().player.stall(3);
    expect(create().latency.mode).toBe('low-latency');
  });

  it('does not argue with a viewer who goes back to low latency', () => {
    const { player, latency } = create();
    player.stall(3);
    latency.choose('low-latency');
    expect([latency.mode, latency.fellBack]).toEqual(['low-latency', false]);
    player.stall(10);
    expect(latency.mode).toBe('low-latency');
  });

  it('leaves a viewer who chose smooth alone', () => {
    const { player, latency } = create();
    latency.choose('smooth');
    player.stall(5);
    expect([latency.mode, latency.fellBack]).toEqual(['smooth', false]);
  });

  it('falls back again for a viewer who only chose low latency out of smooth', () => {
    const { player, latency } = create();
    latency.choose('smooth');
    latency.choose('low-latency');
    player.stall(3);
    expect(latency.fellBack).toBe(true);
  });

  it('says nothing of smooth playback where the browser plays by itself', () => {
    const player = new FakePlayer();
    const latency = new LatencyControl(player, () => null);
    player.stall(5);
    expect([latency.fellBack, latency.stalls]).toEqual([false, 5]);
    expect(player.heard).not.toContain(LATENCY_EVENT);
  });

  it('says nothing of smooth playback where no parts are offered to fall back from', () => {
    engine.byParts = false;
    const { player, latency } = create();
    player.stall(5);
    expect([latency.fellBack, latency.mode]).toEqual([false, 'low-latency']);
    expect(player.heard).not.toContain(LATENCY_EVENT);
  });

  it('keeps a little more distance for a while', () => {
    const { player, latency } = create();
    player.stall();
    expect(latency.margin_s).toBeGreaterThan(0);
    vi.advanceTimersByTime(600_000);
    expect(latency.margin_s).toBe(0);
  });

  it('goes on at the live edge where it was left too far behind', () => {
    const { player } = create();
    player.trigger('playing');
    expect(engine.rejoin).not.toHaveBeenCalled();
    player.stall();
    expect(engine.rejoin).toHaveBeenCalledOnce();
  });
});

describe('what is no stall', () => {
  it.each([
    ['waiting for the first picture', ['loadstart', 'waiting', 'playing']],
    ['waiting after a pause', ['playing', 'pause', 'waiting', 'playing']],
    ['waiting after a jump', ['playing', 'seeking', 'waiting', 'playing']],
  ])('%s', (_, events) => {
    const { player, latency } = create();
    for (const event of events) player.trigger(event);
    expect(latency.stalls).toBe(0);
    expect(engine.rejoin).not.toHaveBeenCalled();
  });

  it('waiting twice for the same media', () => {
    const { player, latency } = create();
    for (const event of ['playing', 'waiting', 'waiting', 'playing']) player.trigger(event);
    expect(latency.stalls).toBe(1);
  });

  it('waiting while the tab is hidden', () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const { player, latency } = create();
    player.stall(3);
    expect([latency.stalls, latency.mode]).toEqual([0, 'low-latency']);
  });
});
