/** A list that is read page by page. */
import type { Page } from './model';
import { Problem } from './problem';

export class PagedList<T extends { id?: string; slug?: string }> {
  items = $state<T[]>([]);
  /** Nothing has been read yet. */
  fresh = $state(true);
  busy = $state(false);
  problem = $state<Problem | null>(null);
  #next = $state<string | null>(null);
  #read: (cursor: string | null) => Promise<Page<T>>;
  /** Tells a late answer to an old question from the one that counts. */
  #question = 0;

  constructor(read: (cursor: string | null) => Promise<Page<T>>) {
    this.#read = read;
  }

  get more(): boolean {
    return this.#next !== null;
  }

  /** Reads the first page, in place of all that was read. */
  async reload(): Promise<void> {
    await this.#load(null, () => []);
  }

  /** Reads the page behind the last one. */
  async readOn(): Promise<void> {
    if (this.#next !== null && !this.busy) await this.#load(this.#next, () => this.items);
  }

  async #load(cursor: string | null, before: () => T[]): Promise<void> {
    const question = ++this.#question;
    this.busy = true;
    try {
      const page = await this.#read(cursor);
      if (question !== this.#question) return;
      this.items = withoutDoubles([...before(), ...page.items]);
      this.#next = page.next_cursor;
      this.problem = null;
    } catch (thrown) {
      if (question !== this.#question) return;
      this.problem = Problem.of(thrown);
    }
    this.fresh = false;
    this.busy = false;
  }
}

/** What moved to the next page while the reader was on this one comes twice. */
function withoutDoubles<T extends { id?: string; slug?: string }>(items: T[]): T[] {
  const name = (item: T) => item.id ?? item.slug;
  return items.filter((item, at) => items.findIndex((other) => name(other) === name(item)) === at);
}
