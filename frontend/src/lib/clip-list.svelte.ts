/** A list of clips that is read page by page, and in which those that are being made move on by themselves. */
import { api } from './api';
import type { Clip } from './model';
import { PagedList } from './pages.svelte';
import { poll } from './poll';
import { listenToClips } from './realtime';

/** Without events, a clip is seen to be ready within this. */
const POLL_MS = 2_000;
const POLL_CONNECTED_MS = 10_000;

export class ClipList extends PagedList<Clip> {
  /** The clips that are being made, as one text: it changes only when one comes or goes. */
  readonly making = $derived(
    this.items
      .filter(isBeingMade)
      .map((clip) => clip.id)
      .join(' '),
  );

  /** Takes in a clip as it stands now. */
  take(clip: Clip): void {
    this.items = this.items.map((one) => (one.id === clip.id ? clip : one));
  }

  remove(id: string): void {
    this.items = this.items.filter((one) => one.id !== id);
  }

  /** Follows what is being made until the returned function is called; for an effect, which follows `making`. */
  follow(): () => void {
    const ids = this.making.split(' ').filter(Boolean);
    return ids.length > 0 ? followClips(ids, (clip) => this.take(clip)) : () => undefined;
  }
}

export function isBeingMade(clip: Clip): boolean {
  return clip.state === 'queued' || clip.state === 'running';
}

/** Tells of each change of some clips, by events and by asking, until the returned function is called. */
export function followClips(ids: readonly string[], onclip: (clip: Clip) => void): () => void {
  let connected = false;
  const stopListening = listenToClips(ids, {
    onopen: () => (connected = true),
    onclose: () => (connected = false),
    onclip,
  });
  const ask = (id: string) => api.clip(id).then(onclip, () => undefined);
  const stopPolling = poll(
    () => (connected ? POLL_CONNECTED_MS : POLL_MS),
    () => Promise.all(ids.map(ask)).then(() => undefined),
  );
  return () => {
    stopListening();
    stopPolling();
  };
}
