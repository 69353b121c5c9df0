/** Short notices that come and go: what was done, with a way back where there is one, or what went wrong. */
import type { Problem } from './problem';

/** Long enough to read a sentence and reach the undo button. */
const STAY_MS = 7_000;

export interface Toast {
  id: number;
  kind: 'done' | 'wrong';
  text: string;
  undo: (() => void | Promise<void>) | null;
}

class Toasts {
  items = $state<Toast[]>([]);
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #next = 1;

  /** Says that something was done; `undo` puts it back. */
  done(text: string, undo: Toast['undo'] = null): void {
    this.#add({ id: this.#next++, kind: 'done', text, undo });
  }

  /** Says that something failed, and why. */
  wrong(problem: Problem): void {
    this.#add({ id: this.#next++, kind: 'wrong', text: problem.message, undo: null });
  }

  dismiss(id: number): void {
    this.hold(id);
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  /** Keeps a toast while it is read or reached for. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** Lets a held toast go in its time. */
  release(id: number): void {
    this.hold(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), STAY_MS),
    );
  }

  #add(toast: Toast): void {
    this.items = [...this.items, toast].slice(-4);
    this.release(toast.id);
  }
}

export const toasts = new Toasts();
