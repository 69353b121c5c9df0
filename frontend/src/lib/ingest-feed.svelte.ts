/** The publish session of a channel as its owner sees it: the newest measurement, and those of the last minutes. */
import { api } from './api';
import { clock } from './clock.svelte';
import { remember, type Sample } from './ingest';
import type { PublishSession } from './model';

/** Events come every few seconds; when none has for this long, the session is asked for. */
const QUIET_MS = 12_000;

export class IngestFeed {
  /** The live session; null while there is none. */
  session = $state<PublishSession | null>(null);
  samples = $state.raw<Sample[]>([]);
  /** Counts sessions that began, ended or were refused, so that the history knows when to read anew. */
  changes = $state(0);
  #takenAt = 0;
  readonly #slug: string;

  constructor(slug: string) {
    this.#slug = slug;
  }

  /** Takes a session's newest state in. */
  take(session: PublishSession): void {
    this.#takenAt = clock.read();
    const before = this.session;
    if (session.state === 'live') {
      this.#measure(before, session);
      this.session = session;
    } else if (before?.id === session.id) {
      this.session = null;
    }
    if (session.state !== 'live' || before?.id !== session.id) this.changes += 1;
  }

  /** Nothing is live any more. */
  clear(): void {
    if (this.session === null) return;
    this.session = null;
    this.changes += 1;
  }

  /** Asks for the newest session, unless events have told of it just now. */
  async refresh(): Promise<void> {
    if (clock.read() - this.#takenAt < QUIET_MS) return;
    const newest = (await api.sessions(this.#slug, { limit: 1 })).items[0];
    if (newest?.state === 'live') this.take(newest);
    else this.clear();
  }

  #measure(before: PublishSession | null, session: PublishSession): void {
    const samples = before?.id === session.id ? this.samples : [];
    this.samples =
      session.bitrate_bps === null ? samples : remember(samples, { at: this.#takenAt, bps: session.bitrate_bps });
  }
}
