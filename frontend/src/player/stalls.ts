/** What is made of stalls: how much more to keep in hand, and when low latency asks too much. Pure: time is passed in. */

/** This many within this time, and the connection is not made for low latency. */
const TOO_MANY = 3;
const WITHIN_MS = 60_000;

/** A stall says for this long that a little more distance is needed. */
const REMEMBERED_MS = 300_000;
/** What one stall adds, and all of them together at most: more than that is what smooth playback is for. */
const MARGIN_EACH_S = 0.3;
const MARGIN_MOST_S = 1.5;

export class StallWatch {
  #stalls: number[] = [];
  #unpardoned: number[] = [];

  /** A stall has begun. True when it is one too many for low latency. */
  add(now_ms: number): boolean {
    this.#stalls = [...since(now_ms - REMEMBERED_MS, this.#stalls), now_ms];
    this.#unpardoned = [...since(now_ms - WITHIN_MS, this.#unpardoned), now_ms];
    return this.#unpardoned.length >= TOO_MANY;
  }

  /** Seconds to stay further behind than asked, while stalls are fresh. */
  margin_s(now_ms: number): number {
    return Math.min(MARGIN_MOST_S, MARGIN_EACH_S * since(now_ms - REMEMBERED_MS, this.#stalls).length);
  }

  /** Begins to count anew; the margin stays. */
  pardon(): void {
    this.#unpardoned = [];
  }
}

function since(begin_ms: number, moments_ms: number[]): number[] {
  return moments_ms.filter((at_ms) => at_ms > begin_ms);
}
