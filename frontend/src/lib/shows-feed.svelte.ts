/** What is recorded of one channel in a stretch of time: read once, then kept true while it is followed. */
import { untrack } from 'svelte';

import { api } from './api';
import type { Range } from './day';
import type { Page, Show } from './model';
import { writeMoment } from './moment';
import { poll } from './poll';
import { Problem } from './problem';

/** A show that is on air grows by itself on the strip; what the server knows better is asked for this often. */
const POLL_MS = 30_000;
const PAGE = 100;
/** More shows than can be told apart on a strip. */
const PAGES_MOST = 10;

export class ShowsFeed {
  /** Newest first. */
  shows = $state.raw<Show[]>([]);
  /** Nothing has been read yet. */
  fresh = $state(true);
  /** Why the shows could not be read; null once they were. */
  problem = $state<Problem | null>(null);

  #question = 0;
  #newest: Promise<void> = Promise.resolve();
  readonly #slug: string;
  readonly #range: () => Range;

  constructor(slug: string, range: () => Range) {
    this.#slug = slug;
    this.#range = range;
  }

  /** Reads now and then, until the returned function is called; the first reading is the caller's. */
  follow(): () => void {
    return poll(
      () => POLL_MS,
      () => this.refresh(),
    );
  }

  /** Reads them anew. What was read before stays when that fails. Resolves once the newest question is answered. */
  refresh(): Promise<void> {
    this.#newest = this.#read(++this.#question);
    return this.#newest;
  }

  async #read(question: number): Promise<void> {
    // Whoever reads in an effect does not want to read again with each tick of the clock.
    const { from_ms } = untrack(this.#range);
    const answer = await readAll((cursor) =>
      api.shows(this.#slug, { from: writeMoment(from_ms), cursor, limit: PAGE }),
    ).catch((thrown: unknown) => Problem.of(thrown));
    if (question !== this.#question) return this.#newest;
    if (answer instanceof Problem) this.problem = answer;
    else [this.shows, this.problem] = [answer, null];
    this.fresh = false;
  }
}

async function readAll(read: (cursor: string | null) => Promise<Page<Show>>): Promise<Show[]> {
  const shows: Show[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const { items, next_cursor }: Page<Show> = await read(cursor);
    shows.push(...items);
    cursor = next_cursor;
    if (cursor === null) break;
  }
  return shows;
}
