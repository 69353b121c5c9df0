/** One channel as it stands now: read once, then kept true by events, and by polling while there are none. */
import { untrack } from 'svelte';

import { api } from './api';
import type { Channel, LiveEvent, PublishSession } from './model';
import { poll } from './poll';
import { Problem } from './problem';
import { listen } from './realtime';

/** Without events, a viewer learns within this of a show's beginning. */
const POLL_MS = 5_000;
/** With events, only to mend what an event may have missed. */
const POLL_CONNECTED_MS = 60_000;
/** A channel that does not exist may yet be made; nobody waits for it by the second. */
const POLL_MISSING_MS = 60_000;

export class ChannelFeed {
  /** Null until it is read, or where it cannot be. */
  channel = $state<Channel | null>(null);
  /** Why the channel could not be read; null once it was. */
  problem = $state<Problem | null>(null);
  /** The id of its clip that was deleted last, if any was of late. */
  clipDeleted = $state<string | null>(null);
  /** Events arrive. */
  connected = $state(false);

  #question = 0;
  /** What was heard of the show before the channel was read. */
  #heard: LiveEvent | null = null;
  readonly slug: string;
  readonly #oningest: (session: PublishSession) => void;

  /** `oningest` is told of the publish session; only an owner's or administrator's connection brings that. */
  constructor(slug: string, oningest: (session: PublishSession) => void = () => undefined) {
    this.slug = slug;
    this.#oningest = oningest;
  }

  /** Follows the channel until the returned function is called. */
  follow(): () => void {
    void this.refresh();
    let opened = false;
    const stopPolling = poll(
      // Whoever follows in an effect does not want to begin again with each change of the connection.
      () => untrack(() => this.#pause()),
      () => this.refresh(),
    );
    const stopListening = listen([this.slug], {
      onopen: () => {
        this.connected = true;
        // A connection begins with how everything stands, and the first one comes while the channel is being read.
        if (opened) void this.refresh();
        opened = true;
      },
      onclose: () => (this.connected = false),
      onevent: (event) => this.take(event),
    });
    return () => {
      stopPolling();
      stopListening();
    };
  }

  /** Reads the channel anew. What was read before stays when that fails, unless the channel is gone. */
  async refresh(): Promise<void> {
    const question = ++this.#question;
    try {
      const channel = await api.channel(this.slug);
      // An answer to an older question may be older than an event that came since.
      if (question !== this.#question) return;
      this.channel = channel;
      this.problem = null;
      if (this.#heard) this.take(this.#heard);
      this.#heard = null;
    } catch (thrown) {
      if (question !== this.#question) return;
      const problem = Problem.of(thrown);
      const gone = problem.status === 404 || problem.status === 403;
      if (gone) this.channel = null;
      if (gone || this.channel === null) this.problem = problem;
    }
  }

  /** Takes an event in. */
  take(event: LiveEvent): void {
    if (event.channel !== this.slug) return;
    if (event.type === 'ingest') this.#oningest(event.session);
    if (event.type === 'clip_deleted') this.clipDeleted = event.id;
    if (this.channel === null) {
      if (event.type === 'live') this.#heard = event;
      return;
    }
    if (event.type === 'viewers') this.channel = { ...this.channel, viewers: event.viewers };
    if (event.type === 'live' && (event.live !== this.channel.live || event.started_at !== this.channel.started_at)) {
      this.channel = { ...this.channel, live: event.live, started_at: event.started_at };
      // The playback address comes with the channel, not with the event.
      void this.refresh();
    }
  }

  #pause(): number {
    if (this.problem?.status === 404) return POLL_MISSING_MS;
    return this.connected ? POLL_CONNECTED_MS : POLL_MS;
  }
}
