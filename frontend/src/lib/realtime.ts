/**
 * The connection to /ws: events of some channels, of all public ones, or of clips.
 *
 * It reconnects by itself, with growing pauses. Events are not replayed, so whoever listens reads the state anew when
 * `onopen` comes, and polls while the connection is down.
 */
import type { Clip, ClipEvent, LiveEvent } from './model';

const PAUSE_FIRST_MS = 1_000;
const PAUSE_MOST_MS = 20_000;

export interface Listener<E = LiveEvent> {
  /** The connection is up, for the first time or again. */
  onopen?: () => void;
  /** The connection is down; it is being tried again. */
  onclose?: () => void;
  onevent: (event: E) => void;
}

/** What is told of clips. */
export interface ClipListener {
  /** How one stands now. */
  onclip: (clip: Clip) => void;
  /** It was deleted. */
  ongone?: (id: string) => void;
}

/** Listens until the returned function is called. Without channels: to all public ones. */
export function listen(channels: readonly string[], listener: Listener): () => void {
  return connect(
    channels.map((slug) => ['channel', slug]),
    { ...listener, onevent: (event) => event.type !== 'clip' && listener.onevent(event) },
  );
}

/** Listens to what becomes of some clips until the returned function is called. */
export function listenToClips(
  ids: readonly string[],
  { onclip, ongone, ...listener }: Omit<Listener, 'onevent'> & ClipListener,
) {
  return connect(
    ids.map((id) => ['clip', id]),
    {
      ...listener,
      onevent: (event) => {
        if (event.type === 'clip') onclip(event.clip);
        if (event.type === 'clip_deleted') ongone?.(event.id);
      },
    },
  );
}

function connect(asked: string[][], listener: Listener<LiveEvent | ClipEvent>): () => void {
  const connection = new Connection(address(asked), listener);
  connection.open();
  return () => connection.close();
}

class Connection {
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  readonly #url: string;
  readonly #listener: Listener<LiveEvent | ClipEvent>;

  constructor(url: string, listener: Listener<LiveEvent | ClipEvent>) {
    this.#url = url;
    this.#listener = listener;
  }

  open(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#failures = 0;
      this.#listener.onopen?.();
    };
    socket.onmessage = (message) => {
      const event = parse(message.data);
      if (event) this.#listener.onevent(event);
    };
    socket.onclose = () => {
      this.#listener.onclose?.();
      this.#retry = setTimeout(() => this.open(), pause(this.#failures++));
    };
  }

  close(): void {
    clearTimeout(this.#retry);
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }
}

/** The pause before the next attempt; spread out, so that viewers do not all come back at the same moment. */
export function pause(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(PAUSE_MOST_MS, PAUSE_FIRST_MS * 2 ** failures);
  return longest * (0.5 + random() / 2);
}

function address(asked: string[][]): string {
  const query = new URLSearchParams(asked).toString();
  const url = new URL(query ? `/ws?${query}` : '/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

const KNOWN = ['live', 'viewers', 'ingest', 'clip', 'clip_deleted'];

/** An event, or null for what this version of the site does not know. */
function parse(data: unknown): LiveEvent | ClipEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const event: unknown = JSON.parse(data);
    const type = typeof event === 'object' && event !== null && 'type' in event ? event.type : null;
    return KNOWN.includes(String(type)) ? (event as LiveEvent | ClipEvent) : null;
  } catch {
    return null;
  }
}
