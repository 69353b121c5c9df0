/** The way to whoever makes clips: what is asked for, what comes back, and what can go wrong in plain words. */

/** Longer than any answer takes. */
const TIMEOUT_MS = 15_000;

/** `fast` begins at the keyframe before the in marker; `accurate` at the very frame. */
export type Mode = 'fast' | 'accurate';

/** What is asked for. Times are RFC 3339 in UTC, with milliseconds. */
export interface ClipRequest {
  start: string;
  end: string;
  mode: Mode;
  /** Absent where it has none. */
  title?: string;
}

/** A clip as it stands. Addresses may be relative to the page. */
export interface Clip {
  id: string;
  state: 'queued' | 'running' | 'ready' | 'failed';
  /** From 0 to 1. */
  progress: number;
  title: string | null;
  /** The file, its poster, its page and its download; null while there is none. */
  url: string | null;
  poster: string | null;
  page: string | null;
  download: string | null;
  start: string;
  /** Where it really begins; null while that is not known. */
  actual_start: string | null;
  duration_ms: number | null;
  /** Why it failed: a code, and a sentence. */
  reason: string | null;
  reason_text: string | null;
  /** Whoever asked may have it made again under its name, should it fail. */
  can_manage: boolean;
}

/** Each call ends by itself in reasonable time, and rejects with an `Error` that has a `code` and a `message`. */
export interface ClipTransport {
  /** Asks for a clip. */
  create(request: ClipRequest): Promise<Clip>;
  /** How a clip stands. */
  poll(id: string): Promise<Clip>;
  /** Makes a failed clip again; without it, it is asked for anew. */
  retry?(id: string): Promise<Clip>;
  /** Tells of every change until the returned function is called; without it, `poll` alone is used. */
  watch?(id: string, onclip: (clip: Clip) => void): () => void;
}

/** A refusal or a failure. `message` is a sentence for people. */
export class ClipError extends Error {
  override readonly name = 'ClipError';
  /** A stable word; `unreachable` when no answer came. */
  readonly code: string;

  constructor(code: string, said?: string | null) {
    super(PLAIN[code] ?? (said || 'The clip could not be made. Try again.'));
    this.code = code;
  }

  /** Any thrown thing as one, so that every catch can show it. */
  static of(thrown: unknown): ClipError {
    if (thrown instanceof ClipError) return thrown;
    const { code, message } = Object(thrown) as { code?: unknown; message?: string };
    return typeof code === 'string' ? new ClipError(code, message) : new ClipError('unreachable');
  }
}

/** Codes whose sentence is better said here than by a server that does not know what stands on the screen. */
const PLAIN: Record<string, string> = {
  unreachable: 'The server does not answer. Check your connection, then try again.',
  authentication_required: 'You are not signed in any more. Sign in, then make the clip again.',
  clips_not_allowed: 'You may not make clips of this channel.',
  dvr_not_allowed: 'That is too long ago: this channel cannot be rewound. Choose a moment closer to live.',
  not_found: 'The channel or the clip is not there any more, or not for you.',
  no_segments_in_range: 'Nothing is recorded there, or it is gone by now. Choose another moment.',
  clip_in_future: 'The end lies too far ahead of live. Move the out marker back, or wait a moment.',
  too_many_clips:
    'Some of your clips, or of this channel’s, are still being made. Wait for one of them, then try again.',
  too_many_requests: 'You have made many clips in a short time. Wait a while, then try again.',
  internal_error: 'Something went wrong on the server. Try again.',
  unavailable: 'The server cannot make clips right now. Wait a moment, then try again.',
};

/**
 * The API of Sluice: `POST {api}/channels/{channel}/clips`, `GET {api}/clips/{id}`, `POST {api}/clips/{id}/retry`.
 * `api` is its address, such as `/api/v1`. The login travels in a cookie.
 */
export function apiTransport({
  api,
  channel,
}: {
  api: string;
  channel: string;
}): Required<Omit<ClipTransport, 'watch'>> {
  const clip = (id: string) => `${api}/clips/${encodeURIComponent(id)}`;
  return {
    create: (request) => ask('POST', `${api}/channels/${encodeURIComponent(channel)}/clips`, request),
    poll: (id) => ask('GET', clip(id)),
    retry: (id) => ask('POST', `${clip(id)}/retry`),
  };
}

async function ask(method: string, url: string, body?: ClipRequest): Promise<Clip> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const headers = { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) };
  const sent = body ? { body: JSON.stringify(body) } : {};
  const response = await fetch(url, { method, headers, ...sent, cache: 'no-store', signal }).catch(() => null);
  if (!response) throw new ClipError('unreachable');
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusal(answer, response.status);
  if (typeof answer !== 'object' || answer === null || !('id' in answer)) throw new ClipError('unreachable');
  return answer as Clip;
}

/** RFC 9457 with a code, and what else a proxy may answer. */
function refusal(answer: unknown, status: number): ClipError {
  const { code, detail, fields } = Object(answer) as { code?: unknown; detail?: unknown; fields?: unknown };
  const field = Array.isArray(fields) ? (fields[0] as { detail?: unknown } | undefined)?.detail : null;
  const said = typeof field === 'string' ? field : typeof detail === 'string' ? detail : null;
  return new ClipError(typeof code === 'string' ? code : status >= 500 ? 'unavailable' : 'refused', said);
}
