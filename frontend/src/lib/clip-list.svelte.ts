/** A list of clips that is read page by page; those that are being made move on, and those that are deleted go, by themselves. */
import { api } from './api';
import type { Clip, Page } from './model';
import { PagedList } from './pages.svelte';
import { poll } from './poll';
import { Problem } from './problem';
import { listenToClips } from './realtime';

/** Without events, a clip is seen to be ready within this. */
const POLL_MS = 2_000;
const POLL_CONNECTED_MS = 10_000;
/** The server lets one connection ask about so many. */
const HEARD_MOST = 50;

export class ClipList extends PagedList<Clip> {
  /** The clips that are being made, as one text: it changes only when one comes or goes. */
  readonly making = $derived(
    this.items
      .filter(isBeingMade)
      .map((clip) => clip.id)
      .join(' '),
  );
  /** The clips of which it is heard when they are deleted, in the same way. */
  readonly heard = $derived(
    this.items
      .slice(0, this.#most())
      .map((clip) => clip.id)
      .join(' '),
  );
  readonly #listens: boolean;

  /** `listens`: it asks for the news of what is made already, too; else whoever shows it hears of what is deleted. */
  constructor(read: (cursor: string | null) => Promise<Page<Clip>>, { listens = true } = {}) {
    super(read);
    this.#listens = listens;
  }

  #most(): number {
    return this.#listens ? HEARD_MOST : 0;
  }

  /** Takes in a clip as it stands now. */
  take(clip: Clip): void {
    this.items = this.items.map((one) => (one.id === clip.id ? clip : one));
  }

  /** Takes in a clip that may not be on it yet: then it is the newest. */
  add(clip: Clip): void {
    if (this.items.some(({ id }) => id === clip.id)) this.take(clip);
    else this.items = [clip, ...this.items];
  }

  remove(id: string): void {
    this.items = this.items.filter((one) => one.id !== id);
  }

  /** Follows the clips until the returned function is called; for an effect, which follows `making` and `heard`. */
  follow(): () => void {
    const [making, heard] = [this.making, this.heard].map((ids) => ids.split(' ').filter(Boolean)) as [
      string[],
      string[],
    ];
    if (making.length + heard.length === 0) return () => undefined;
    return followClips(making, { onclip: (clip) => this.take(clip), ongone: (id) => this.remove(id) }, heard);
  }
}

export function isBeingMade(clip: Clip): boolean {
  return clip.state === 'queued' || clip.state === 'running';
}

/** Who follows clips. */
export interface Follower {
  onclip: (clip: Clip) => void;
  /** It is not there any more, and `problem` says so. */
  ongone: (id: string, problem: Problem) => void;
}

/**
 * Tells of each change of some clips, by events and by asking, until the returned function is called. What was asked
 * before may be answered after: so nothing follows a clip's last state. Of those in `heard` it tells when they are gone.
 */
export function followClips(
  ids: readonly string[],
  { onclip, ongone }: Follower,
  heard: readonly string[] = [],
): () => void {
  let connected = false;
  let open = ids;
  const close = (id: string) => (open = open.filter((one) => one !== id));
  const take = (clip: Clip) => {
    if (!open.includes(clip.id)) return;
    if (!isBeingMade(clip)) close(clip.id);
    onclip(clip);
  };
  const ask = (id: string) =>
    api.clip(id).then(take, (thrown: unknown) => {
      const problem = Problem.of(thrown);
      if (problem.status !== 404 || !open.includes(id)) return;
      close(id);
      ongone(id, problem);
    });
  const stopListening = listenToClips([...ids, ...heard.filter((id) => !ids.includes(id))].slice(0, HEARD_MOST), {
    onopen: () => (connected = true),
    onclose: () => (connected = false),
    onclip: take,
    ongone: (id) => {
      close(id);
      ongone(id, new Problem({ status: 404, code: 'not_found', detail: 'The clip was deleted.' }));
    },
  });
  const stopPolling = poll(
    () => (connected ? POLL_CONNECTED_MS : POLL_MS),
    () => Promise.all(open.map(ask)).then(() => undefined),
  );
  return () => {
    open = [];
    stopListening();
    stopPolling();
  };
}
