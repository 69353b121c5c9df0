import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ClipTransport } from '@sluice/videojs-clip';

import { Rewind } from '../lib/rewind.svelte';
import { session } from '../lib/session.svelte';
import type { LivePlayer } from '../player';
import type { ClipSetup } from '../player/clip';
import { aClip, onAir } from '../testing/fixtures';
import { render } from '../testing/render';
import ClipTool from './ClipTool.svelte';

const REQUEST = { start: '2026-11-20T20:00:00.000Z', end: '2026-11-20T20:00:30.000Z', mode: 'accurate' } as const;

const sockets: string[] = [];
class SilentSocket {
  close = vi.fn();
  constructor(url: string) {
    sockets.push(url);
  }
}

let fetched: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers();
  sockets.length = 0;
  vi.stubGlobal('WebSocket', SilentSocket);
  fetched = vi.fn(() => Promise.resolve(new Response(JSON.stringify(aClip({ state: 'queued' })), { status: 202 })));
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => vi.useRealTimers());

/** What the page tells the player's plugin. */
function offered() {
  const offerClips = vi.fn<LivePlayer['offerClips']>(() => () => undefined);
  const goLive = vi.fn();
  const rewind = new Rewind('stage-north');
  const player = { offerClips, goLive } as unknown as LivePlayer;
  const channel = onAir(undefined, { can_clip: true });
  rewind.know(channel, 24);
  rewind.attach(player);
  const onasked = vi.fn();
  render(ClipTool, { channel, rewind, player, onasked });
  const setup = offerClips.mock.calls[0]?.[0] as ClipSetup;
  return { setup, transport: setup.transport as ClipTransport, goLive, onasked };
}

describe('the way to cut clips on a watch page', () => {
  it('gives the picture back live when it was moved, and leaves it alone when it was not', () => {
    const { setup, goLive } = offered();
    setup.onopen?.();
    setup.onclose?.({ moved: false });
    expect(goLive).not.toHaveBeenCalled();
    setup.onopen?.();
    setup.onclose?.({ moved: true });
    expect(goLive).toHaveBeenCalledOnce();
  });

  it('tells the page of a clip as soon as it was asked for', () => {
    const { setup, onasked } = offered();
    setup.onasked?.(aClip({ state: 'queued' }));
    expect(onasked).toHaveBeenCalledExactlyOnceWith(aClip({ state: 'queued' }));
  });

  it('asks by the one door to the API, which knows when a login has run out', async () => {
    const { transport } = offered();
    await transport.create(REQUEST);
    expect(fetched).toHaveBeenCalledWith(
      '/api/v1/channels/stage-north/clips',
      expect.objectContaining({ method: 'POST' }),
    );
    session.account = { id: 'a1' } as typeof session.account;
    const problem = { code: 'authentication_required', detail: 'sign in' };
    fetched.mockResolvedValue(new Response(JSON.stringify(problem), { status: 401 }));
    await expect(transport.poll('c1')).rejects.toMatchObject({ code: 'authentication_required' });
    expect(session.account).toBeNull();
  });

  it('says of a field that is wrong what is wrong with it', async () => {
    const { transport } = offered();
    const fields = [{ field: 'title', detail: 'The title may not be a path.' }];
    const problem = { code: 'validation_failed', detail: 'Some fields are wrong.', fields };
    fetched.mockResolvedValue(new Response(JSON.stringify(problem), { status: 422 }));
    await expect(transport.create(REQUEST)).rejects.toMatchObject({
      code: 'validation_failed',
      message: 'The title may not be a path.',
    });
  });

  it('hears of a clip by events, and leaves asking to the plugin', async () => {
    const { transport } = offered();
    const stop = transport.watch?.('c1', vi.fn());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toEqual([expect.stringMatching(/\/ws\?clip=c1$/)]);
    expect(fetched).not.toHaveBeenCalled();
    stop?.();
  });
});
