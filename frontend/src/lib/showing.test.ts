import { describe, expect, it } from 'vitest';

import { aChannel, onAir } from '../testing/fixtures';
import { GIVE_UP_MS, nextShowing, OFF_AIR, type Showing } from './showing';

const FIRST = '2026-11-20T20:00:00Z';
const SECOND = '2026-11-20T20:05:00Z';

const playing = (): Showing => nextShowing(OFF_AIR, onAir(FIRST), 'starting', 0);

describe('the stage', () => {
  it('shows the player as soon as there is a show to play', () => {
    expect(playing()).toEqual({ show: FIRST, url: '/live/stage-north/index.m3u8', take: 1 });
    expect(nextShowing(OFF_AIR, onAir(FIRST, { playback: null }), 'starting', 0)).toBe(OFF_AIR);
  });

  it('plays what is left after the end was announced, and then says so', () => {
    const showing = playing();
    expect(nextShowing(showing, aChannel(), 'playing', 0)).toBe(showing);
    expect(nextShowing(showing, aChannel(), 'over', 0)).toMatchObject({ show: null, take: 1 });
  });

  it('gives up on a show whose end left the player waiting', () => {
    const showing = playing();
    expect(nextShowing(showing, aChannel(), 'stalled', GIVE_UP_MS - 1)).toBe(showing);
    expect(nextShowing(showing, aChannel(), 'stalled', GIVE_UP_MS).show).toBeNull();
    expect(nextShowing(showing, aChannel(), 'failed', 0).show).toBeNull();
  });

  it('waits with a stalled player while the show is on, however long', () => {
    const showing = playing();
    expect(nextShowing(showing, onAir(FIRST), 'stalled', 10 * GIVE_UP_MS)).toBe(showing);
  });

  it('plays through a reconnect that the player did not notice', () => {
    const showing = playing();
    expect(nextShowing(showing, aChannel(), 'playing', 0)).toBe(showing);
    expect(nextShowing(showing, onAir(SECOND), 'playing', 0)).toBe(showing);
  });

  it('starts the player afresh for a new show, once the old one is played to its end', () => {
    expect(nextShowing(playing(), onAir(SECOND), 'over', 0)).toMatchObject({ show: SECOND, take: 2 });
  });

  it('does not play the end of a show again while its end is not yet announced', () => {
    const showing = playing();
    expect(nextShowing(showing, onAir(FIRST), 'over', 0)).toBe(showing);
  });
});
