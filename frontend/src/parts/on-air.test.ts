import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { aChannel, onAir } from '../testing/fixtures';
import { render, words } from '../testing/render';
import ChannelLine from './ChannelLine.svelte';
import ChannelTile from './ChannelTile.svelte';
import OnAirBadge from './OnAirBadge.svelte';

const NOW = Date.parse('2026-11-20T21:23:45Z');

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

describe('the tally', () => {
  it('shows how long the show has been running, second by second', () => {
    const target = render(OnAirBadge, { since: '2026-11-20T20:00:00Z' });
    expect(words(target)).toBe('On air 01:23:45');
    vi.advanceTimersByTime(2_000);
    flushSync();
    expect(words(target)).toBe('On air 01:23:47');
    expect(target.querySelector('time')?.getAttribute('datetime')).toBe('PT5027S');
  });

  it('stands without a time where none is known', () => {
    expect(words(render(OnAirBadge, { since: null }))).toBe('On air');
  });
});

describe('a tile', () => {
  it('names the show, its owner and its viewers, and leads to it', () => {
    const target = render(ChannelTile, { channel: onAir('2026-11-20T20:00:00Z', { viewers: 1 }) });
    expect(target.querySelector('a')?.getAttribute('href')).toBe('/watch/stage-north');
    expect(words(target)).toMatch(/On air 01:23:45 Harbour Sessions stage\.north · 1 person watching$/);
  });

  it('shows a hostile title as the text it is', () => {
    const target = render(ChannelTile, { channel: onAir(undefined, { title: '<img src=x onerror=alert(1)>' }) });
    expect(target.querySelector('img')).toBeNull();
    expect(words(target.querySelector('h2'))).toBe('<img src=x onerror=alert(1)>');
  });
});

describe('a line of a list', () => {
  it('is marked when its channel is on air, and not when it is off air', () => {
    expect(words(render(ChannelLine, { channel: onAir(), href: '/watch/x' }))).toContain('On air');
    expect(words(render(ChannelLine, { channel: aChannel(), href: '/watch/x' }))).not.toContain('On air');
  });
});
