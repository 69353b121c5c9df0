/** Counts promises kept and broken, in lines that TAP readers understand. */

export class Report {
  #passed = 0;
  /** What was said of each broken promise. */
  #broken = [];

  /** Tells a story: a function of a `Story`, whose promises come one after the other. */
  async story(name, tell) {
    console.log(`# ${name}`);
    const story = new Story((line) => this.#line(line));
    try {
      await tell(story);
    } catch (error) {
      if (!(error instanceof Broken)) this.#line({ ok: false, promise: `${name} is told to its end`, error });
    } finally {
      await story.end();
    }
  }

  /** Prints the sum, and once more what is broken: logs are often cut to their end. Answers with the exit code. */
  end() {
    console.log(`1..${this.#told}`);
    for (const line of this.#broken) console.log(line);
    console.log(`${this.#passed} passed, ${this.#broken.length} failed`);
    return this.#broken.length === 0 ? 0 : 1;
  }

  get #told() {
    return this.#passed + this.#broken.length;
  }

  #line({ ok, promise, error, skipped }) {
    const result = `${ok ? 'ok' : 'not ok'} ${this.#told + 1} - ${promise}${skipped ? ` # SKIP ${skipped}` : ''}`;
    const line = error ? `${result}\n${indent(String(error.stack ?? error))}` : result;
    if (ok) this.#passed += 1;
    else this.#broken.push(line);
    console.log(line);
  }
}

/** One story. Its promises build on each other, so the first broken one ends it. */
class Story {
  #tell;
  #afterwards = [];

  constructor(tell) {
    this.#tell = tell;
  }

  /** Checks a promise; resolves to what the check returns. */
  async promise(promise, check) {
    try {
      const value = await check();
      this.#tell({ ok: true, promise });
      return value;
    } catch (error) {
      this.#tell({ ok: false, promise, error });
      throw new Broken();
    }
  }

  skip(promise, reason) {
    this.#tell({ ok: true, promise, skipped: reason });
  }

  /** Tidies up when the story is over, however it ends. */
  after(work) {
    this.#afterwards.unshift(work);
  }

  async end() {
    for (const work of this.#afterwards) await work().catch(() => undefined);
  }
}

class Broken extends Error {}

/** Asks again and again until the answer is good; its last answer or error is told when the time is over. */
export async function until(what, ask, { within_s = 30, every_ms = 200 } = {}) {
  const end = Date.now() + within_s * 1_000;
  let last;
  do {
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, every_ms));
  } while (Date.now() < end);
  throw new Error(
    `${what}: not within ${within_s} s; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}

export function assert(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

export function assertEqual(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(left === right, `${what}: ${left} instead of ${right}`);
}

function indent(text) {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `    ${line}`)
    .join('\n');
}
