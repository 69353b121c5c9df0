/** The life of a form: checked, sent once at a time, refused field by field. */
import { tick } from 'svelte';

import { Problem } from './problem';

/** Refusals whose code alone names the field. */
const FIELD_OF: Record<string, string> = { email_taken: 'email', slug_taken: 'slug' };

/** Sentences by field name; an empty object when all is well. */
export type Faults = Record<string, string>;

export class Form {
  busy = $state(false);
  /** What is wrong beside each field. */
  faults = $state<Faults>({});
  /** What is wrong with the whole; null when the fields say it all. */
  problem = $state<Problem | null>(null);

  readonly #fields: readonly string[];

  /** `fields` are the names that the form shows; a fault of any other field is shown for the whole. */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /**
   * Does `work` unless `faults` already stand against it, or it is being done. Resolves to whether it succeeded.
   * After a refusal the focus is on the first field that is wrong.
   */
  async submit(element: HTMLFormElement, faults: Faults, work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.problem = null;
    this.faults = faults;
    if (Object.keys(faults).length === 0) {
      this.busy = true;
      try {
        await work();
      } catch (thrown) {
        this.#refuse(Problem.of(thrown));
      }
      this.busy = false;
    }
    const refused = this.problem !== null || Object.keys(this.faults).length > 0;
    if (refused) await focusFirstFault(element);
    return !refused;
  }

  /** Takes back what is said about a field, once its reader changes it. */
  clear(field: string): void {
    if (!(field in this.faults)) return;
    this.faults = Object.fromEntries(Object.entries(this.faults).filter(([name]) => name !== field));
  }

  #refuse(problem: Problem): void {
    const named = FIELD_OF[problem.code];
    const all = Object.entries(named ? { [named]: problem.message, ...problem.fields } : problem.fields);
    const own = all.filter(([name]) => this.#fields.includes(name));
    this.faults = Object.fromEntries(own);
    this.problem = own.length > 0 && own.length === all.length ? null : problem;
  }
}

async function focusFirstFault(element: HTMLFormElement): Promise<void> {
  await tick();
  element.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
