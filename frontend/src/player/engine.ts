/** How hls.js is set up here, and the one place that imports it. */
import Hls, { type HlsConfig, type LoadPolicy, type RetryConfig } from 'hls.js/light';

import { takeEarlyPlaylist } from '../lib/early';
import { earlyLoader } from './early-loader';

export { Hls };

/** A show is announced when its encoder is accepted; its first segment is there some seconds later. */
const PLAYLIST_RETRY: RetryConfig = {
  maxNumRetry: 20,
  retryDelayMs: 1_000,
  maxRetryDelayMs: 3_000,
  backoff: 'linear',
  // 400 says that what is waited for is too far ahead: the parts of a segment that was never closed are taken back. The
  // next attempt asks for the playlist as it is.
  shouldRetry: (policy, count, isTimeout, response) =>
    count < (policy?.maxNumRetry ?? 0) && (response?.code === 400 || worthRetrying(response?.code, isTimeout)),
};

/** What is buffered lasts for less than a second, so the first attempts follow each other quickly. */
const SEGMENT_RETRY: RetryConfig = {
  maxNumRetry: 7,
  retryDelayMs: 125,
  maxRetryDelayMs: 4_000,
  backoff: 'exponential',
};

export const engineConfig: Partial<HlsConfig> = {
  pLoader: earlyLoader(Hls.DefaultConfig.loader, takeEarlyPlaylist) as unknown as NonNullable<HlsConfig['pLoader']>,
  // A part is made ready in two or three milliseconds; a worker would first have to be fetched and started.
  enableWorker: false,
  // Video.js takes an endless duration for live.
  liveDurationInfinity: true,
  // Not liveSyncDurationCount, although its default is what smooth playback wants: once it is given here, it also
  // takes the place of the playlist's PART-HOLD-BACK.
  // Its own ways of catching up and of keeping more distance are left to pace.ts and stalls.ts.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  // The first segment is asked for while the media element is still being made ready.
  startFragPrefetch: true,
  // With several renditions, one segment would be fetched only to be measured.
  testBandwidth: false,
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
