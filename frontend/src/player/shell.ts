/** Video.js itself, without its own HLS, and without the style elements that a content security policy may forbid. */
import './shell-options';
import videojs from 'video.js/core.es.js';

import { engineConfig, Hls } from './engine';
import { latencyOf } from './latency';
import { type HlsSource, hlsSourceHandler, type Manner, type Shell, type Tech } from './source-handler';

export { videojs };

export type Player = ReturnType<typeof videojs>;

const AS_PREFERRED: Manner = { mode: 'low-latency', margin_s: 0 };

const handler = hlsSourceHandler({
  Hls,
  config: engineConfig,
  // Declared to be told a MediaError, a player makes one of a code and a message.
  shellOf: (tech) => playerOf(tech) as unknown as Shell | undefined,
  mannerOf: (tech) => latencyOf(playerOf(tech)) ?? AS_PREFERRED,
  timeRanges: (start, end) => videojs.time.createTimeRanges(start, end) as unknown as TimeRanges,
});

interface Html5Class {
  registerSourceHandler(handler: unknown, index: number): void;
}

(videojs.getTech('Html5') as unknown as Html5Class).registerSourceHandler(handler, 0);

function playerOf(tech: Tech): Player | undefined {
  return videojs.getPlayer((tech as Tech & { options_: { playerId: string } }).options_.playerId);
}

/** The source that a player plays by hls.js; null when it plays natively or not at all. */
export function sourceOf(player: Player): HlsSource | null {
  // `true` says that reaching for the tech is meant.
  const tech = player.tech(true) as { sourceHandler_?: HlsSource | null } | undefined;
  return tech?.sourceHandler_ ?? null;
}
