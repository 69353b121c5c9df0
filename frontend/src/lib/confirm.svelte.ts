/** Asks once before something that cannot be taken back. ui/ConfirmDialog.svelte shows the question. */

export interface Question {
  title: string;
  /** What will happen, in a sentence or two. */
  text: string;
  /** What the button that does it says: the verb and its object. */
  action: string;
  /** A word that must be typed first, for what destroys a lot. */
  typed?: string;
}

class Confirm {
  question = $state<Question | null>(null);
  #answer: ((yes: boolean) => void) | null = null;

  /** Resolves to whether the reader went ahead. */
  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.question = question;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(yes: boolean): void {
    this.#answer?.(yes);
    this.#answer = null;
    this.question = null;
  }
}

export const confirm = new Confirm();
