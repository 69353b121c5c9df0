import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { api } from './api';
import { takeEarly } from './early';

const PATH = '/api/v1/channels/stage-north';

/** Runs public/early.js as a page at this address does. */
function open(address: string): void {
  history.replaceState(null, '', address);
  const script = document.createElement('script');
  script.dataset.watch = '/assets/Watch-1.js /assets/Watch-1.css';
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(script);
  new Function(readFileSync('public/early.js', 'utf8'))();
}

const links = () =>
  Array.from(document.head.querySelectorAll('link'), ({ rel, href }) => [rel, new URL(href).pathname]);

afterEach(() => {
  takeEarly(PATH);
  document.head.replaceChildren();
  history.replaceState(null, '', '/');
});

describe('the head start', () => {
  it('asks at once for what a watch page is made of, and for its channel', () => {
    const fetch = vi.fn(() => Promise.resolve(Response.json({})));
    vi.stubGlobal('fetch', fetch);
    open('/watch/stage-north');
    expect(fetch).toHaveBeenCalledExactlyOnceWith(PATH, expect.anything());
    expect(links()).toEqual([
      ['modulepreload', '/assets/Watch-1.js'],
      ['preload', '/assets/Watch-1.css'],
    ]);
  });

  it.each(['/', '/login', '/watch/', '/watch/a/b', '/studio/stage-north'])('asks for nothing on %s', (address) => {
    const fetch = vi.fn();
    vi.stubGlobal('fetch', fetch);
    open(address);
    expect([fetch.mock.calls, links()]).toEqual([[], []]);
  });

  it('answers the first question about the channel, and no other', async () => {
    const fetch = vi.fn(() => Promise.resolve(Response.json({ slug: 'stage-north' })));
    vi.stubGlobal('fetch', fetch);
    open('/watch/stage-north');
    await api.channel('another');
    await api.channel('stage-north');
    expect(fetch).toHaveBeenCalledTimes(2);
    await api.channel('stage-north');
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it('that fails is a failure of the question', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
    open('/watch/stage-north');
    await expect(api.channel('stage-north')).rejects.toMatchObject({ code: 'unreachable' });
  });
});
