import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { api, onSignedOut } from './api';
import { clock } from './clock.svelte';

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

function answerWith(body: unknown, init: ResponseInit = {}): void {
  const text = body === null ? null : typeof body === 'string' ? body : JSON.stringify(body);
  fetched.mockImplementation(() => Promise.resolve(new Response(text, init)));
}

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
});

afterEach(() => onSignedOut(() => undefined));

describe('the API client', () => {
  it('sends JSON with the cookie, to this site only', async () => {
    answerWith({ slug: 'ab' }, { status: 201 });
    await api.createChannel({ slug: 'ab', title: 'A b' });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe('/api/v1/channels');
    expect(init).toMatchObject({ method: 'POST', credentials: 'same-origin', body: '{"slug":"ab","title":"A b"}' });
    expect(init?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  it.each([
    [() => api.channels({ live: true, limit: 100 }), '/api/v1/channels?live=true&limit=100'],
    [() => api.channels(), '/api/v1/channels'],
    [
      () => api.sessions('a b/c', { cursor: 'x=y', limit: 10 }),
      '/api/v1/channels/a%20b%2Fc/sessions?cursor=x%3Dy&limit=10',
    ],
    [() => api.admin.accounts('', { cursor: null }), '/api/v1/admin/accounts'],
    [() => api.admin.accounts('ä&b'), '/api/v1/admin/accounts?q=%C3%A4%26b'],
  ])('asks for an address that fits: %#', async (ask, address) => {
    answerWith({ items: [], next_cursor: null });
    await ask();
    expect(fetched.mock.calls[0]?.[0]).toBe(address);
  });

  it('takes an empty answer for none', async () => {
    answerWith(null, { status: 204 });
    expect(await api.deleteChannel('ab')).toBeNull();
  });

  it('tells of a login that has run out, and of no other refusal', async () => {
    const signedOut = vi.fn();
    onSignedOut(signedOut);
    answerWith({ code: 'invalid_credentials', detail: 'Wrong.' }, { status: 401 });
    await expect(api.login({ email: 'a@b', password: 'x' })).rejects.toMatchObject({ code: 'invalid_credentials' });
    expect(signedOut).not.toHaveBeenCalled();
    answerWith({ code: 'authentication_required', detail: 'Log in first.' }, { status: 401 });
    await expect(api.me()).rejects.toMatchObject({ status: 401 });
    expect(signedOut).toHaveBeenCalledOnce();
  });

  it('calls a server that cannot be reached unreachable', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'));
    await expect(api.site()).rejects.toMatchObject({ code: 'unreachable', status: 0 });
  });

  it('does not take the page of a captive portal for an answer', async () => {
    answerWith('<html>Welcome to the train</html>');
    await expect(api.site()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it("sets the clock by the server's", async () => {
    const hour_ms = 3_600_000;
    answerWith({ name: 'x' }, { headers: { date: new Date(Date.now() + hour_ms).toUTCString() } });
    await api.site();
    expect(clock.read() - Date.now()).toBeGreaterThan(hour_ms - 5_000);
    answerWith({ name: 'x' }, { headers: { date: new Date().toUTCString() } });
    await api.site();
    expect(Math.abs(clock.read() - Date.now())).toBeLessThan(1_000);
  });
});
