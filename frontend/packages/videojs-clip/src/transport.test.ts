import { expect, it, vi } from 'vitest';

import { apiTransport, ClipError } from './transport';

const REQUEST = { start: '2026-11-21T09:00:00.000Z', end: '2026-11-21T09:00:30.000Z', mode: 'fast' as const };
const { create, poll, retry } = apiTransport({ api: '/api/v1', channel: 'stage north' });

function answers(body: unknown, status = 200) {
  const fetch = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status })));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

it('asks the API for a clip, how it stands, and to try again', async () => {
  const fetch = answers({ id: 'c1', state: 'queued' }, 202);
  await create(REQUEST);
  await poll('c1');
  await retry('c1');
  const asked = (fetch.mock.calls as unknown as [string, RequestInit][]).map(([url, { method }]) => `${method} ${url}`);
  expect(asked).toEqual([
    'POST /api/v1/channels/stage%20north/clips',
    'GET /api/v1/clips/c1',
    'POST /api/v1/clips/c1/retry',
  ]);
  expect(JSON.parse((fetch.mock.calls as unknown as [string, { body: string }][])[0]?.[1].body ?? '')).toEqual(REQUEST);
});

it('says in plain words what a refusal means, and leaves it to the server where it knows better', async () => {
  answers({ code: 'clip_in_future', detail: 'end is in the future' }, 422);
  await expect(create(REQUEST)).rejects.toMatchObject({
    code: 'clip_in_future',
    message: expect.stringContaining('too far ahead'),
  });
  answers({ code: 'validation_failed', fields: [{ field: 'end', detail: 'A clip is at most 60 s long.' }] }, 422);
  await expect(create(REQUEST)).rejects.toThrow('A clip is at most 60 s long.');
});

it('tells a proxy’s page and a broken line from an answer', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
  await expect(poll('c1')).rejects.toMatchObject({ code: 'unavailable' });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>')));
  await expect(poll('c1')).rejects.toMatchObject({ code: 'unreachable' });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
  await expect(poll('c1')).rejects.toMatchObject({ code: 'unreachable' });
});

it('waits no longer than an answer can take', async () => {
  const fetch = answers({ id: 'c1', state: 'queued' });
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  await create(REQUEST);
  const [[, { signal }]] = fetch.mock.calls as unknown as [[string, RequestInit]];
  expect(timeout).toHaveBeenCalledExactlyOnceWith(15_000);
  expect(signal).toBe(timeout.mock.results[0]?.value);
});

it('takes what another transport rejects with for what it says, if it has a code', () => {
  expect(ClipError.of(Object.assign(new Error('Too many.'), { code: 'too_many' }))).toMatchObject({
    code: 'too_many',
    message: 'Too many.',
  });
  expect(ClipError.of(new TypeError('x is not a function'))).toMatchObject({ code: 'unreachable' });
});
