/** One clip as it stands now: read once, then followed. */
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
  readonly #isThere = $derived(this.clip !== null);
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

  /** Follows it while it is there, until the returned function is called; for an effect. */
  follow(): () => void {
    return this.#isThere ? this.#follow(this.made ? [this.#id] : []) : () => undefined;
  }

  /** The same, only while it is being made. */
  followMaking(): () => void {
    return this.made ? this.#follow([this.#id]) : () => undefined;
  }

  #follow(making: readonly string[]): () => void {
    const follower = {
      onclip: (clip: Clip) => (this.clip = clip),
      ongone: (_: string, problem: Problem) => {
        this.clip = null;
        this.problem = problem;
      },
    };
    return followClips(making, follower, [this.#id]);
  }
}
