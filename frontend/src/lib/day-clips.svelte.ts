/** The clips of a channel as its day strip marks them: the newest that are ready. */
import { api } from './api';
import type { Clip } from './model';

/** More marks than can be told apart on a strip, or be passed by with the keyboard. */
const MOST = 40;

export class DayClips {
  clips = $state.raw<Clip[]>([]);
  readonly #slug: string;

  constructor(slug: string) {
    this.#slug = slug;
  }

  /** Reads them anew. They are an extra: what was read before stays when that fails. */
  async refresh(): Promise<void> {
    const { items } = await api.clips(this.#slug, { limit: MOST }).catch(() => ({ items: this.clips }));
    this.clips = items.filter((clip) => clip.state === 'ready');
  }
}
