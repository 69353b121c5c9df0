/**
 * What to do about an error of the engine. Pure: the time is passed in.
 *
 * hls.js retries single requests by the policies in engine.ts; what arrives here as fatal is what those gave up on.
 */

/** The part of hls.js's error data that matters here. */
export interface EngineError {
  type: string;
  details: string;
  fatal: boolean;
  response?: { code?: number } | undefined;
  error?: { name: string } | undefined;
}

/** Error codes are those of HTML's MediaError. */
export type Remedy =
  | { do: 'nothing' }
  | { do: 'restart'; after_ms: number }
  | { do: 'recover-media' }
  | { do: 'renew' }
  | { do: 'fail'; code: 2 | 3 | 4; message: string };

/** A backend or a media server that is restarted is back well before this. */
const PATIENCE_MS = 90_000;
const RESTART_AFTER_MS = 2_000;
/** A damaged stretch of the stream is passed in one or two attempts; a stream that needs more is broken. */
const MEDIA_RECOVERIES = 3;
const MEDIA_WINDOW_MS = 30_000;

export class Recovery {
  #networkDownSince: number | null = null;
  #mediaErrors: number[] = [];

  /** Media arrived: the network is well again. */
  progress(): void {
    this.#networkDownSince = null;
  }

  judge(error: EngineError, now: number): Remedy {
    if (!error.fatal) return { do: 'nothing' };
    if (error.type === 'networkError') return this.#network(error, now);
    // The encoder has added a picture, or sound: the media source that was opened has no place for it.
    if (error.error?.name === 'HlsJsTrackRemovedError') return { do: 'renew' };
    if (error.type === 'mediaError' && error.details !== 'manifestIncompatibleCodecsError') return this.#media(now);
    return {
      do: 'fail',
      code: 4,
      message: 'This browser cannot play the stream. Try a current Chrome, Firefox or Safari.',
    };
  }

  #network(error: EngineError, now: number): Remedy {
    if (error.details.startsWith('manifest')) {
      return { do: 'fail', code: 2, message: manifestSentence(error.response?.code) };
    }
    this.#networkDownSince ??= now;
    if (now - this.#networkDownSince < PATIENCE_MS) return { do: 'restart', after_ms: RESTART_AFTER_MS };
    return {
      do: 'fail',
      code: 2,
      message: 'The connection to the stream was lost. Check your network, then try again.',
    };
  }

  #media(now: number): Remedy {
    this.#mediaErrors = this.#mediaErrors.filter((at) => now - at < MEDIA_WINDOW_MS);
    if (this.#mediaErrors.length >= MEDIA_RECOVERIES) {
      return { do: 'fail', code: 3, message: 'The stream is damaged and cannot be played on. Try again in a moment.' };
    }
    this.#mediaErrors.push(now);
    return { do: 'recover-media' };
  }
}

function manifestSentence(status: number | undefined): string {
  return status === 404
    ? 'The stream has not begun yet, or is over. Try again in a moment.'
    : 'The stream cannot be reached. Check your network, then try again.';
}
