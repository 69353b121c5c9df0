/**
 * The time, ticking once a second while something on the page shows it.
 *
 * Shows are timed by the server's clock: its Date header corrects a viewer's clock that is wrong by more than the
 * header's own resolution can explain.
 */
import { createSubscriber } from 'svelte/reactivity';

const TICK_MS = 1_000;
/** Date has whole seconds and a request takes a while: less than this is no proof of a wrong clock. */
const TRUST_MS = 3_000;

class Clock {
  #offset_ms = 0;
  #subscribe = createSubscriber((tick) => {
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  });

  /** Milliseconds since the epoch by the server's clock; readers in effects and markup are told each second. */
  get now(): number {
    this.#subscribe();
    return this.read();
  }

  /** Takes the server's time from the Date header of an answer. */
  learn(date: string | null): void {
    const server = date === null ? Number.NaN : Date.parse(date);
    if (Number.isNaN(server)) return;
    const off = server - Date.now();
    this.#offset_ms = Math.abs(off) > TRUST_MS ? off : 0;
  }

  /** Milliseconds since the epoch by the server's clock, read once. */
  read(): number {
    return Date.now() + this.#offset_ms;
  }
}

export const clock = new Clock();
