import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from './api';
import { ChannelFeed } from './channel-feed.svelte';
import { aChannel, aSession, onAir } from '../testing/fixtures';
import { IngestFeed } from './ingest-feed.svelte';
import { LiveList } from './live-list.svelte';
import type { Channel } from './model';
import { Problem } from './problem';
import * as realtime from './realtime';

let listener: realtime.Listener;
const stopListening = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  stopListening.mockReset();
  vi.spyOn(realtime, 'listen').mockImplementation((_, given) => {
    listener = given;
    return stopListening;
  });
});

afterEach(() => vi.useRealTimers());

describe('a channel that is followed', () => {
  it('goes live by an event, and learns from the server where to play', async () => {
    vi.spyOn(api, 'channel').mockResolvedValueOnce(aChannel()).mockResolvedValue(onAir());
    const feed = new ChannelFeed('stage-north');
    const stop = feed.follow();
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.channel?.live).toBe(false);
    listener.onevent({ type: 'live', channel: 'stage-north', live: true, started_at: '2026-11-20T20:00:00Z' });
    expect(feed.channel?.live).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.channel?.playback?.hls).toBe('/live/stage-north/index.m3u8');
    stop();
  });

  it('goes live within seconds by polling, while there are no events', async () => {
    vi.spyOn(api, 'channel').mockResolvedValueOnce(aChannel()).mockResolvedValue(onAir());
    const feed = new ChannelFeed('stage-north');
    const stop = feed.follow();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(feed.channel?.live).toBe(true);
    stop();
  });

  it('is followed by one connection, however often that goes up and down', async () => {
    vi.spyOn(api, 'channel').mockResolvedValue(aChannel());
    const feed = new ChannelFeed('stage-north');
    const stop = $effect.root(() => {
      $effect(() => feed.follow());
    });
    flushSync();
    for (const change of ['onopen', 'onclose', 'onopen'] as const) {
      listener[change]?.();
      flushSync();
    }
    expect(realtime.listen).toHaveBeenCalledOnce();
    stop();
    expect(stopListening).toHaveBeenCalledOnce();
  });

  it('polls rarely while events come, and reads anew when they come again', async () => {
    const read = vi.spyOn(api, 'channel').mockResolvedValue(aChannel());
    const stop = new ChannelFeed('stage-north').follow();
    listener.onopen?.();
    await vi.advanceTimersByTimeAsync(5_000);
    const soon = read.mock.calls.length;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(read.mock.calls.length).toBe(soon);
    listener.onclose?.();
    listener.onopen?.();
    expect(read.mock.calls.length).toBe(soon + 1);
    stop();
  });

  it('asks only once for what it is told again when the connection opens', async () => {
    const read = vi.spyOn(api, 'channel').mockResolvedValue(onAir());
    const stop = new ChannelFeed('stage-north').follow();
    listener.onopen?.();
    await vi.advanceTimersByTimeAsync(0);
    listener.onevent({ type: 'live', channel: 'stage-north', live: true, started_at: onAir().started_at });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(read).toHaveBeenCalledOnce();
    stop();
  });

  it('asks again when it heard of a show before the answer came that knows of none', async () => {
    const read = vi.spyOn(api, 'channel').mockResolvedValueOnce(aChannel()).mockResolvedValue(onAir());
    const feed = new ChannelFeed('stage-north');
    const stop = feed.follow();
    listener.onopen?.();
    listener.onevent({ type: 'live', channel: 'stage-north', live: true, started_at: onAir().started_at });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(read).toHaveBeenCalledTimes(2);
    expect(feed.channel?.playback?.hls).toBe('/live/stage-north/index.m3u8');
    stop();
  });

  it('does not go off air again by an answer that was on its way when the event came', async () => {
    let answer: (channel: Channel) => void = () => undefined;
    vi.spyOn(api, 'channel')
      .mockResolvedValueOnce(aChannel())
      .mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
      .mockResolvedValue(onAir());
    const feed = new ChannelFeed('stage-north');
    await feed.refresh();
    const late = feed.refresh();
    feed.take({ type: 'live', channel: 'stage-north', live: true, started_at: null });
    await vi.advanceTimersByTimeAsync(0);
    answer(aChannel());
    await late;
    expect(feed.channel?.live).toBe(true);
  });

  it('keeps what it knows through a failure, and forgets a channel that is gone', async () => {
    const read = vi.spyOn(api, 'channel').mockResolvedValue(aChannel());
    const feed = new ChannelFeed('stage-north');
    await feed.refresh();
    read.mockRejectedValue(Problem.unreachable());
    await feed.refresh();
    expect([feed.channel?.slug, feed.problem]).toEqual(['stage-north', null]);
    read.mockRejectedValue(new Problem({ status: 404, code: 'not_found', detail: 'Gone.' }));
    await feed.refresh();
    expect([feed.channel, feed.problem?.code]).toEqual([null, 'not_found']);
  });

  it('hears nothing of other channels, and nothing at all once it is left', async () => {
    vi.spyOn(api, 'channel').mockResolvedValue(onAir());
    const feed = new ChannelFeed('stage-north');
    const stop = feed.follow();
    await vi.advanceTimersByTimeAsync(0);
    feed.take({ type: 'viewers', channel: 'other', viewers: 99 });
    expect(feed.channel?.viewers).toBe(3);
    feed.take({ type: 'viewers', channel: 'stage-north', viewers: 4 });
    expect(feed.channel?.viewers).toBe(4);
    stop();
    expect(stopListening).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the list of who is on air', () => {
  const one = onAir(undefined, { slug: 'one', viewers: 1 });
  const two = onAir(undefined, { slug: 'two', viewers: 9 });

  it('is sorted once by viewers, and does not jump when they change', async () => {
    vi.spyOn(api, 'channels').mockResolvedValue({ items: [one, two], next_cursor: null });
    const list = new LiveList();
    await list.refresh();
    list.take({ type: 'viewers', channel: 'one', viewers: 50 });
    expect(list.channels.map(({ slug }) => slug)).toEqual(['two', 'one']);
    expect(list.viewers).toBe(59);
  });

  it('drops a show that ends, and reads the list once for shows that begin together', async () => {
    const read = vi.spyOn(api, 'channels').mockResolvedValue({ items: [one, two], next_cursor: null });
    const list = new LiveList();
    await list.refresh();
    list.take({ type: 'live', channel: 'two', live: false, started_at: null });
    expect(list.channels.map(({ slug }) => slug)).toEqual(['one']);
    for (const channel of ['two', 'three']) list.take({ type: 'live', channel, live: true, started_at: null });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('does not bring back a show that ended while the list was being read, or was read later', async () => {
    const answers: ((items: Channel[]) => void)[] = [];
    vi.spyOn(api, 'channels').mockImplementation(
      () => new Promise((resolve) => answers.push((items) => resolve({ items, next_cursor: null }))),
    );
    const slugs = () => list.channels.map(({ slug }) => slug);
    const list = new LiveList();
    void list.refresh();
    void list.refresh();
    answers[1]?.([one]);
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.([one, two]);
    await vi.advanceTimersByTimeAsync(0);
    expect(slugs()).toEqual(['one']);
    void list.refresh();
    list.take({ type: 'live', channel: 'one', live: false, started_at: null });
    answers[2]?.([one]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(slugs()).toEqual([]);
    answers[3]?.([two]);
    await vi.advanceTimersByTimeAsync(0);
    expect(slugs()).toEqual(['two']);
  });

  it('looks soon again for the picture of a show that has just begun, and no more once it is there', async () => {
    const fresh = onAir(new Date().toISOString(), { slug: 'one' });
    const read = vi.spyOn(api, 'channels').mockResolvedValue({ items: [fresh], next_cursor: null });
    const list = new LiveList();
    const stop = list.follow();
    listener.onopen?.();
    await vi.advanceTimersByTimeAsync(11_000);
    const looked = read.mock.calls.length;
    expect(looked).toBeGreaterThan(1);
    read.mockResolvedValue({ items: [{ ...fresh, thumbnail: '/live/one/thumbnail.jpg' }], next_cursor: null });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(list.channels[0]?.thumbnail).toBe('/live/one/thumbnail.jpg');
    const seen = read.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read.mock.calls.length - seen).toBeLessThanOrEqual(1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps its channels when they cannot be read again', async () => {
    vi.spyOn(api, 'channels')
      .mockResolvedValueOnce({ items: [one], next_cursor: null })
      .mockRejectedValue(Problem.unreachable());
    const list = new LiveList();
    await list.refresh();
    await list.refresh();
    expect(list.channels).toHaveLength(1);
    expect(list.problem?.code).toBe('unreachable');
  });
});

describe('the incoming session', () => {
  it('gathers the bitrate of one show, and begins anew with the next', () => {
    const feed = new IngestFeed('stage-north');
    for (const bps of [1, 2, 3]) {
      feed.take(aSession({ bitrate_bps: bps }));
      vi.advanceTimersByTime(2_000);
    }
    expect(feed.samples.map(({ bps }) => bps)).toEqual([1, 2, 3]);
    feed.take(aSession({ id: 's2', bitrate_bps: 7 }));
    expect(feed.samples.map(({ bps }) => bps)).toEqual([7]);
  });

  it('counts beginnings, ends and refusals, but not measurements', () => {
    const feed = new IngestFeed('stage-north');
    feed.take(aSession());
    feed.take(aSession());
    expect(feed.changes).toBe(1);
    feed.take(aSession({ id: 's9', state: 'refused' }));
    expect([feed.changes, feed.session?.id]).toEqual([2, 's1']);
    feed.take(aSession({ state: 'ended' }));
    expect([feed.changes, feed.session]).toEqual([3, null]);
  });

  it('asks for the session only where no event told of it lately', async () => {
    const read = vi
      .spyOn(api, 'sessions')
      .mockResolvedValue({ items: [aSession({ state: 'ended' })], next_cursor: null });
    const feed = new IngestFeed('stage-north');
    feed.take(aSession());
    await feed.refresh();
    expect(read).not.toHaveBeenCalled();
    vi.advanceTimersByTime(13_000);
    await feed.refresh();
    expect(feed.session).toBeNull();
  });
});
