/** Who is on air: read once, then kept true by the events of all public channels, and by polling without them. */
import { api } from './api';
import { clock } from './clock.svelte';
import type { Channel, LiveEvent } from './model';
import { poll } from './poll';
import { Problem } from './problem';
import { listen } from './realtime';

const POLL_MS = 15_000;
const POLL_CONNECTED_MS = 120_000;
/** Shows that begin together are read together. */
const GATHER_MS = 300;
const MOST = 100;
/** A show that has just begun has no picture yet; in its first minutes one is looked for this often. */
const PICTURE_MS = 10_000;
const BEGINNING_MS = 120_000;

export class LiveList {
  /** Channels on air, most watched first as the list was read; events do not make tiles jump. */
  channels = $state<Channel[]>([]);
  /** Nothing has been read yet. */
  fresh = $state(true);
  problem = $state<Problem | null>(null);
  #connected = false;
  #question = 0;
  #answered = 0;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #looking: ReturnType<typeof setTimeout> | undefined;
  #followed = false;

  /** People watching, all channels together. */
  get viewers(): number {
    return this.channels.reduce((sum, channel) => sum + channel.viewers, 0);
  }

  /** Follows until the returned function is called. */
  follow(): () => void {
    this.#followed = true;
    void this.refresh();
    const stopPolling = poll(
      () => (this.#connected ? POLL_CONNECTED_MS : POLL_MS),
      () => this.refresh(),
    );
    const stopListening = listen([], {
      onopen: () => {
        this.#connected = true;
        this.#gather();
      },
      onclose: () => (this.#connected = false),
      onevent: (event) => this.take(event),
    });
    return () => {
      this.#followed = false;
      clearTimeout(this.#gathering);
      clearTimeout(this.#looking);
      stopPolling();
      stopListening();
    };
  }

  /** Reads the list anew; what was read before stays when that fails. */
  async refresh(): Promise<void> {
    const question = ++this.#question;
    try {
      const { items } = await api.channels({ live: true, limit: MOST });
      // An answer to an older question may be older than what is known by now.
      if (question !== this.#question) return;
      this.channels = items.toSorted((a, b) => b.viewers - a.viewers);
      this.problem = null;
      this.#lookForPictures();
    } catch (thrown) {
      if (question !== this.#question) return;
      this.problem = Problem.of(thrown);
    }
    this.#answered = question;
    this.fresh = false;
  }

  /** Takes an event in. */
  take(event: LiveEvent): void {
    const known = this.channels.some((channel) => channel.slug === event.channel);
    if (event.type === 'viewers' && known) {
      this.#change(event.channel, { viewers: event.viewers });
    } else if (event.type === 'live' && !event.live) {
      this.channels = this.channels.filter((channel) => channel.slug !== event.channel);
      if (this.#answered !== this.#question) this.#askAgain();
    } else if (event.type === 'live') {
      this.#gather();
    }
  }

  #change(slug: string, change: Partial<Channel>): void {
    this.channels = this.channels.map((channel) => (channel.slug === slug ? { ...channel, ...change } : channel));
  }

  /** What is being answered may still list a show that has ended since it was asked. */
  #askAgain(): void {
    this.#question += 1;
    this.#gather();
  }

  #lookForPictures(): void {
    clearTimeout(this.#looking);
    const begun_ms = clock.read() - BEGINNING_MS;
    const waits = this.channels.some(
      ({ thumbnail, started_at }) => !thumbnail && started_at !== null && Date.parse(started_at) > begun_ms,
    );
    if (waits && this.#followed) this.#looking = setTimeout(() => void this.refresh(), PICTURE_MS);
  }

  #gather(): void {
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => void this.refresh(), GATHER_MS);
  }
}
