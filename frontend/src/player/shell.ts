/** Video.js itself, without its own HLS, and without the style elements that a content security policy may forbid. */
import './shell-options';
import videojs from 'video.js/core.es.js';

import { engineConfig, Hls } from './engine';
import { HeadStart } from './head-start';
import { latencyOf } from './latency';
import { RewindSource, rewindSourceHandler } from './rewind-source';
import { HlsSource, hlsSourceHandler, type Manner, type Shell, type Tech } from './source-handler';

export { videojs };

export type Player = ReturnType<typeof videojs>;

const AS_PREFERRED: Manner = { mode: 'low-latency', margin_s: 0 };

/** Begins to load before there is a player. */
export const headStart = new HeadStart(Hls, engineConfig);

const dependencies = {
  Hls,
  config: engineConfig,
  // Declared to be told a MediaError, a player makes one of a code and a message.
  shellOf: (tech: Tech) => playerOf(tech) as unknown as Shell | undefined,
  mannerOf: (tech: Tech) => latencyOf(playerOf(tech)) ?? AS_PREFERRED,
  begun: (src: string) => headStart.take(src),
  timeRanges: (start: number, end: number) => videojs.time.createTimeRanges(start, end) as unknown as TimeRanges,
};

interface Html5Class {
  registerSourceHandler(handler: unknown, index: number): void;
}

const html5 = videojs.getTech('Html5') as unknown as Html5Class;
html5.registerSourceHandler(hlsSourceHandler(dependencies), 0);
// In front of the other, which would take the past for live.
html5.registerSourceHandler(rewindSourceHandler(dependencies), 0);

function playerOf(tech: Tech): Player | undefined {
  return videojs.getPlayer((tech as Tech & { options_: { playerId: string } }).options_.playerId);
}

/** The live source that a player plays by hls.js; null when it plays the past, natively or not at all. */
export function sourceOf(player: Player): HlsSource | null {
  const source = playedBy(player);
  return source instanceof HlsSource ? source : null;
}

/** The past that a player plays by hls.js; null when it plays live, natively or not at all. */
export function rewindSourceOf(player: Player): RewindSource | null {
  const source = playedBy(player);
  return source instanceof RewindSource ? source : null;
}

function playedBy(player: Player): unknown {
  // `true` says that reaching for the tech is meant.
  return (player.tech(true) as { sourceHandler_?: unknown } | undefined)?.sourceHandler_;
}
