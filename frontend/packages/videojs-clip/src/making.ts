/** One clip being made: sent, followed until it is ready or has failed, and tried again. */
import { type Clip, ClipError, type ClipRequest, type ClipTransport } from './transport';

export type Stage =
  | { is: 'idle' }
  | { is: 'sending' }
  | { is: 'cutting'; clip: Clip }
  | { is: 'ready'; clip: Clip }
  /** `clip` is the one that failed; none when it was refused. */
  | { is: 'failed'; message: string; code: string; clip: Clip | null };

/** Soon enough that a clip made in half a second is there at once. */
const POLL_MS = 400;
/** Beside a transport that tells by itself, polling only mends what it may have missed. */
const POLL_WATCHED_MS = 2_000;
/** Polls in a row that may fail: a server that restarts is back within these. */
const PATIENCE = 15;
const POLL_FAILED_MS = 2_000;

export class Making {
  #stage: Stage = { is: 'idle' };
  #request: ClipRequest | null = null;
  #life = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | null = null;
  readonly #transport: ClipTransport;
  readonly #onchange: (stage: Stage) => void;

  constructor(transport: ClipTransport, onchange: (stage: Stage) => void) {
    this.#transport = transport;
    this.#onchange = onchange;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Asks for a clip. Does nothing while one is being made. */
  make(request: ClipRequest): void {
    if (this.#stage.is === 'sending' || this.#stage.is === 'cutting') return;
    this.#request = request;
    this.#send((signal) => this.#transport.create(request, signal));
  }

  /** Tries again what failed. */
  retry(): void {
    const { retry } = this.#transport;
    if (this.#stage.is !== 'failed' || !this.#request) return;
    const { clip, code } = this.#stage;
    // The server may have gone on making it while it could not be asked.
    if (clip && code === 'unreachable') this.#send((signal) => this.#transport.poll(clip.id, signal));
    else if (clip && retry) this.#send((signal) => retry.call(this.#transport, clip.id, signal));
    else this.make(this.#request);
  }

  /** Forgets the clip, which is made to its end all the same. */
  reset(): void {
    this.#stop();
    this.#set({ is: 'idle' });
  }

  /** Ends everything that is under way here, without a word. */
  dispose(): void {
    this.#stop();
    this.#stage = { is: 'idle' };
  }

  #send(ask: (signal: AbortSignal) => Promise<Clip>): void {
    this.#stop();
    const { signal } = this.#life;
    this.#set({ is: 'sending' });
    ask(signal).then(
      (clip) => !signal.aborted && this.#begin(clip),
      (thrown: unknown) => !signal.aborted && this.#fail(ClipError.of(thrown), null),
    );
  }

  #begin(clip: Clip): void {
    this.#take(clip);
    if (this.#stage.is !== 'cutting') return;
    this.#unwatch = this.#transport.watch?.(clip.id, (news) => this.#take(news)) ?? null;
    this.#poll(clip, 0);
  }

  #poll(clip: Clip, failures: number): void {
    const { signal } = this.#life;
    const pause_ms = failures > 0 ? POLL_FAILED_MS : this.#unwatch ? POLL_WATCHED_MS : POLL_MS;
    this.#timer = setTimeout(() => {
      this.#transport.poll(clip.id, signal).then(
        (news) => {
          if (signal.aborted || this.#stage.is !== 'cutting') return;
          this.#take(news);
          if (this.#stage.is === 'cutting') this.#poll(news, 0);
        },
        (thrown: unknown) => {
          if (signal.aborted || this.#stage.is !== 'cutting') return;
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
    else if (clip.state === 'failed') this.#fail(new ClipError(clip.reason ?? 'failed', clip.reason_text), clip);
    else this.#set({ is: 'cutting', clip });
  }

  #fail(error: ClipError, clip: Clip | null): void {
    // What a worker says of a failure is more exact than what is said here of its code.
    const message = clip?.state === 'failed' && clip.reason_text ? clip.reason_text : error.message;
    this.#end({ is: 'failed', message, code: error.code, clip });
  }

  #end(stage: Stage): void {
    this.#stop();
    this.#set(stage);
  }

  #stop(): void {
    this.#life.abort();
    this.#life = new AbortController();
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = null;
  }

  #set(stage: Stage): void {
    this.#stage = stage;
    this.#onchange(stage);
  }
}
