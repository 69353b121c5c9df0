/** One clip as it stands now: read once, then followed while it is being made. */
import { api } from './api';
import { followClips, isBeingMade } from './clip-list.svelte';
import type { Clip } from './model';
import { Problem } from './problem';

export class ClipFeed {
  /** Null until it is read, or where it cannot be. */
  clip = $state.raw<Clip | null>(null);
  /** Why it could not be read; null once it was. */
  problem = $state<Problem | null>(null);
  /** It is being made. */
  readonly made = $derived(this.clip !== null && isBeingMade(this.clip));
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  async load(): Promise<void> {
    try {
      this.clip = await api.clip(this.#id);
      this.problem = null;
    } catch (thrown) {
      this.problem = Problem.of(thrown);
    }
  }

  /** Follows it until the returned function is called; for an effect, which follows `made`. */
  follow(): () => void {
    return this.made ? followClips([this.#id], (clip) => (this.clip = clip)) : () => undefined;
  }
}
