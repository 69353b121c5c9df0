/**
 * The one door to /api/v1: every call the site makes, typed, with refusals as `Problem`.
 *
 * The login travels in an HttpOnly cookie, so no token is ever in reach of a script. What is not known here: what to
 * do about a refusal. Pages show it; `onSignedOut` is told when the login has run out.
 */
import { clock } from './clock.svelte';
import { takeEarly } from './early';
import type {
  Account,
  AdminSession,
  Channel,
  ChannelSettings,
  Clip,
  NewStreamKey,
  Page,
  PublishSession,
  Role,
  Show,
  Site,
  Storage,
  StreamKey,
} from './model';
import { Problem } from './problem';

/** Where the API is. */
export const BASE = '/api/v1';
/** Longer than any answer takes; a page that waits without end tells its reader nothing. */
const TIMEOUT_MS = 15_000;

/** Where in a list to read: `cursor` is a page's `next_cursor`. */
export interface Slice {
  cursor?: string | null | undefined;
  limit?: number;
}

type Query = Record<string, string | number | boolean | null | undefined>;

let signedOut: () => void = () => undefined;

/** Registers what happens when the server no longer knows the login. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export const api = {
  site: () => call<Site>('GET', '/site'),

  signUp: (form: { email: string; password: string; display_name: string }) => call<Account>('POST', '/accounts', form),
  activate: (token: string) => call<Account>('POST', '/accounts/activate', { token }),
  sendActivation: (email: string) => call<null>('POST', '/accounts/activation', { email }),
  login: (form: { email: string; password: string }) => call<{ expires_at: string }>('POST', '/login', form),
  logout: () => call<null>('POST', '/logout'),
  requestReset: (email: string) => call<null>('POST', '/password-reset', { email }),
  confirmReset: (token: string, password: string) => call<null>('POST', '/password-reset/confirm', { token, password }),

  me: () => call<Account>('GET', '/me'),
  rename: (display_name: string) => call<Account>('PATCH', '/me', { display_name }),
  changePassword: (current_password: string, new_password: string) =>
    call<null>('POST', '/me/password', { current_password, new_password }),

  channels: (filter: { live?: boolean; mine?: boolean; q?: string } & Slice = {}) =>
    call<Page<Channel>>('GET', withQuery('/channels', { ...filter })),
  createChannel: (form: Pick<Channel, 'slug' | 'title'> & Partial<ChannelSettings>) =>
    call<Channel>('POST', '/channels', form),
  channel: (slug: string) => call<Channel>('GET', channelPath(slug)),
  changeChannel: (slug: string, change: Partial<ChannelSettings>) => call<Channel>('PATCH', channelPath(slug), change),
  deleteChannel: (slug: string) => call<null>('DELETE', channelPath(slug)),

  streamKeys: (slug: string, slice: Slice = {}) =>
    call<Page<StreamKey>>('GET', withQuery(`${channelPath(slug)}/stream-keys`, { ...slice })),
  createStreamKey: (slug: string, label: string) =>
    call<NewStreamKey>('POST', `${channelPath(slug)}/stream-keys`, { label }),
  revokeStreamKey: (slug: string, id: string) =>
    call<null>('DELETE', `${channelPath(slug)}/stream-keys/${encodeURIComponent(id)}`),

  sessions: (slug: string, slice: Slice = {}) =>
    call<Page<PublishSession>>('GET', withQuery(`${channelPath(slug)}/sessions`, { ...slice })),
  endSession: (slug: string, id: string) =>
    call<null>('POST', `${channelPath(slug)}/sessions/${encodeURIComponent(id)}/end`),

  /** Newest first; `from` and `to` are RFC 3339, and what lies partly between them is listed as well. */
  shows: (slug: string, filter: { from?: string; to?: string } & Slice = {}) =>
    call<Page<Show>>('GET', withQuery(`${channelPath(slug)}/shows`, { ...filter })),
  changeShow: (slug: string, id: string, change: { kept?: boolean; title?: string | null }) =>
    call<Show>('PATCH', showPath(slug, id), change),
  deleteShow: (slug: string, id: string) => call<null>('DELETE', showPath(slug, id)),

  /** Newest first: those that are ready, and those that the caller may manage in whatever state. */
  clips: (slug: string, slice: Slice = {}) =>
    call<Page<Clip>>('GET', withQuery(`${channelPath(slug)}/clips`, { ...slice })),
  createClip: (slug: string, clip: { start: string; end: string; mode: Clip['mode']; title?: string }) =>
    call<Clip>('POST', `${channelPath(slug)}/clips`, clip),
  myClips: (slice: Slice = {}) => call<Page<Clip>>('GET', withQuery('/me/clips', { ...slice })),
  clip: (id: string) => call<Clip>('GET', clipPath(id)),
  renameClip: (id: string, title: string | null) => call<Clip>('PATCH', clipPath(id), { title }),
  deleteClip: (id: string) => call<null>('DELETE', clipPath(id)),
  retryClip: (id: string) => call<Clip>('POST', `${clipPath(id)}/retry`),

  admin: {
    accounts: (q: string, slice: Slice = {}) =>
      call<Page<Account>>('GET', withQuery('/admin/accounts', { q, ...slice })),
    changeAccount: (id: string, change: { role?: Role; suspended?: boolean }) =>
      call<Account>('PATCH', `/admin/accounts/${encodeURIComponent(id)}`, change),
    channels: (q: string, slice: Slice = {}) =>
      call<Page<Channel>>('GET', withQuery('/admin/channels', { q, ...slice })),
    liveSessions: (slice: Slice = {}) =>
      call<Page<AdminSession>>('GET', withQuery('/admin/sessions', { state: 'live', ...slice })),
    clips: (q: string, slice: Slice = {}) => call<Page<Clip>>('GET', withQuery('/admin/clips', { q, ...slice })),
    storage: () => call<Storage>('GET', '/admin/storage'),
  },
};

function channelPath(slug: string): string {
  return `/channels/${encodeURIComponent(slug)}`;
}

function showPath(slug: string, id: string): string {
  return `${channelPath(slug)}/shows/${encodeURIComponent(id)}`;
}

function clipPath(id: string): string {
  return `/clips/${encodeURIComponent(id)}`;
}

/** A path with those of the values that say something. */
function withQuery(path: string, query: Query): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await ask(method, path, body);
  clock.learn(response.headers.get('date'));
  if (!response.ok) {
    const problem = await Problem.from(response);
    if (problem.code === 'authentication_required') signedOut();
    throw problem;
  }
  const text = await response.text().catch(() => {
    throw Problem.unreachable();
  });
  return (text === '' ? null : parse(text)) as T;
}

async function ask(method: string, path: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const early = method === 'GET' ? takeEarly(BASE + path) : null;
  try {
    if (early) return await early;
    return await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw Problem.unreachable();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A captive portal or a proxy answers pages of its own with 200.
    throw Problem.unreachable();
  }
}
