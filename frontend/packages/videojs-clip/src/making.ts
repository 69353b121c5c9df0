/** One clip being made: sent, followed until it is ready or has failed, and tried again. */
import { type Clip, ClipError, type ClipRequest, type ClipTransport } from './transport';

export type Stage =
  | { is: 'idle' }
  | { is: 'sending' }
  | { is: 'cutting'; clip: Clip }
  | { is: 'ready'; clip: Clip }
  /** `clip` is the one that failed, or could not be asked about any more; none when it was refused. */
  | { is: 'failed'; message: string; code: string; clip: Clip | null };

/** Soon enough that a clip made in half a second is there at once. */
const POLL_MS = 400;
/** Beside a transport that tells by itself, polling only mends what it may have missed. */
const POLL_WATCHED_MS = 2_000;
/** Polls in a row that may fail: a server that restarts is back within these. */
const PATIENCE = 15;
const POLL_FAILED_MS = 2_000;

export interface MakingActs {
  onchange(stage: Stage): void;
  /** The server has taken a clip on; told also when nobody waits for it here any more. */
  onasked(clip: Clip): void;
}

export class Making {
  #stage: Stage = { is: 'idle' };
  #request: ClipRequest | null = null;
  /** Tells a late answer to an old question from the one that counts. */
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | null = null;
  readonly #transport: ClipTransport;
  readonly #acts: MakingActs;

  constructor(transport: ClipTransport, acts: MakingActs) {
    this.#transport = transport;
    this.#acts = acts;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Asks for a clip. Does nothing while one is being made. */
  make(request: ClipRequest): void {
    if (this.#stage.is === 'sending' || this.#stage.is === 'cutting') return;
    this.#request = request;
    this.#send(this.#order(this.#transport.create(request)), null);
  }

  /** Tries again what failed: under its name, for whoever has a say in it. */
  retry(): void {
    if (this.#stage.is !== 'failed' || !this.#request) return;
    const { clip } = this.#stage;
    // The server may have gone on making it while it could not be asked.
    if (clip && clip.state !== 'failed') return this.#send(this.#transport.poll(clip.id), clip);
    const again = clip?.can_manage ? this.#transport.retry?.(clip.id) : undefined;
    if (clip && again) this.#send(this.#orGoesOn(this.#order(again), clip), clip);
    else this.make(this.#request);
  }

  /** Forgets the clip, which is made to its end all the same. */
  reset(): void {
    this.#stop();
    this.#set({ is: 'idle' });
  }

  /** Ends everything that is under way here, without a word. What the server was asked to make, it makes. */
  dispose(): void {
    this.#stop();
    this.#stage = { is: 'idle' };
  }

  async #order(asked: Promise<Clip>): Promise<Clip> {
    const clip = await asked;
    this.#acts.onasked(clip);
    return clip;
  }

  /** The try before this one may have reached the server after all. */
  async #orGoesOn(again: Promise<Clip>, { id }: Clip): Promise<Clip> {
    try {
      return await again;
    } catch (thrown) {
      if (ClipError.of(thrown).code !== 'clip_not_failed') throw thrown;
      return this.#transport.poll(id);
    }
  }

  /** Waits for an answer; `clip` is the one that it is about, if there is one already. */
  #send(asked: Promise<Clip>, clip: Clip | null): void {
    this.#stop();
    const question = this.#question;
    this.#set({ is: 'sending' });
    asked.then(
      (news) => question === this.#question && this.#begin(news),
      (thrown: unknown) => question === this.#question && this.#fail(ClipError.of(thrown), clip),
    );
  }

  #begin(clip: Clip): void {
    this.#take(clip);
    if (this.#stage.is !== 'cutting') return;
    this.#unwatch = this.#transport.watch?.(clip.id, (news) => this.#take(news)) ?? null;
    this.#poll(clip, 0);
  }

  #poll(clip: Clip, failures: number): void {
    const question = this.#question;
    const pause_ms = failures > 0 ? POLL_FAILED_MS : this.#unwatch ? POLL_WATCHED_MS : POLL_MS;
    this.#timer = setTimeout(() => {
      this.#transport.poll(clip.id).then(
        (news) => {
          if (question !== this.#question) return;
          this.#take(news);
          if (this.#stage.is === 'cutting') this.#poll(news, 0);
        },
        (thrown: unknown) => {
          if (question !== this.#question) return;
          const error = ClipError.of(thrown);
          const passes = error.code === 'unreachable' || error.code === 'unavailable';
          if (passes && failures < PATIENCE) this.#poll(clip, failures + 1);
          else this.#fail(error, clip);
        },
      );
    }, pause_ms);
  }

  #take(clip: Clip): void {
    if (this.#stage.is === 'ready' || this.#stage.is === 'failed' || this.#stage.is === 'idle') return;
    if (clip.state === 'ready') this.#end({ is: 'ready', clip });
    else if (clip.state === 'failed') this.#end(failed(clip));
    else this.#set({ is: 'cutting', clip });
  }

  #fail(error: ClipError, about: Clip | null): void {
    // What is gone cannot be tried again under its name.
    const clip = error.code === 'not_found' ? null : about;
    this.#end({ is: 'failed', message: error.message, code: error.code, clip });
  }

  #end(stage: Stage): void {
    this.#stop();
    this.#set(stage);
  }

  #stop(): void {
    this.#question += 1;
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = null;
  }

  #set(stage: Stage): void {
    this.#stage = stage;
    this.#acts.onchange(stage);
  }
}

/** What a worker says of a failure is more exact than what is said here of its code. */
function failed(clip: Clip): Stage {
  const { code, message } = new ClipError(clip.reason ?? 'failed');
  return { is: 'failed', message: clip.reason_text || message, code, clip };
}
