/** How hls.js is set up here, and the one place that imports it. */
import workerUrl from 'hls.js/dist/hls.worker.js?url';
import Hls, { type HlsConfig, type LoadPolicy, type RetryConfig } from 'hls.js/light';

export { Hls };

/** A show is announced when its encoder is accepted; its first segment is there some seconds later. */
const PLAYLIST_RETRY: RetryConfig = {
  maxNumRetry: 20,
  retryDelayMs: 1_000,
  maxRetryDelayMs: 3_000,
  backoff: 'linear',
  shouldRetry: (policy, count, isTimeout, response) =>
    count < (policy?.maxNumRetry ?? 0) && worthRetrying(response?.code, isTimeout),
};

/** A listed segment is there; one that is not has left the window, and asking again is in vain. */
const SEGMENT_RETRY: RetryConfig = {
  maxNumRetry: 6,
  retryDelayMs: 1_000,
  maxRetryDelayMs: 4_000,
  backoff: 'exponential',
};

export const engineConfig: Partial<HlsConfig> = {
  // A file of our own, not a blob: a content security policy may forbid those.
  workerPath: workerUrl,
  enableWorker: true,
  // Video.js takes an endless duration for live.
  liveDurationInfinity: true,
  lowLatencyMode: true,
  // A player that fell behind catches up a little faster than the show, which nobody hears; it never jumps by itself.
  maxLiveSyncPlaybackRate: 1.1,
  backBufferLength: 60,
  capLevelToPlayerSize: true,
  manifestLoadPolicy: policy(PLAYLIST_RETRY, 10_000),
  playlistLoadPolicy: policy(PLAYLIST_RETRY, 10_000),
  fragLoadPolicy: policy(SEGMENT_RETRY, 20_000),
};

/** Whether the same request may succeed in a moment. Unknown and 0 mean that no answer came. */
export function worthRetrying(status: number | undefined, isTimeout: boolean): boolean {
  return isTimeout || !status || status === 404 || status === 429 || status >= 500;
}

function policy(retry: RetryConfig, firstByte_ms: number): LoadPolicy {
  return {
    default: {
      maxTimeToFirstByteMs: firstByte_ms,
      maxLoadTimeMs: 3 * firstByte_ms,
      timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: retry,
    },
  };
}
