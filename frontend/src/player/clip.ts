/** Clips of what the player plays: the plugin, given the wall clock of live and past. */
import '@sluice/videojs-clip/clip.css';

import type { Fragment } from 'hls.js';

import {
  type ClipClock,
  type ClipOptions,
  type ClipPlugin,
  type Range,
  registerClip,
  type Segment,
  segmentsClock,
} from '@sluice/videojs-clip';

import { rewindOf } from './rewind';
import { type Player, rewindSourceOf, sourceOf, videojs } from './shell';

/** What a page says of the clips it lets its viewers cut. */
export interface ClipSetup extends Omit<ClipOptions, 'clock'> {
  /** What is recorded, oldest first, where the page knows more than the playlist that plays; else empty. */
  recorded: () => readonly Range[];
  /** A show is on air. */
  live: () => boolean;
}

/** Adds the plugin to a player; the returned function takes it away. */
export function addClips(player: Player, { recorded, live, ...options }: ClipSetup): () => void {
  registerClip(videojs);
  const { clip } = player as unknown as { clip(options: ClipOptions): ClipPlugin };
  const plugin = clip.call(player, { ...options, clock: clockOf(player, recorded, live) });
  return () => {
    // A player that went first has taken its plugins along.
    if (!player.isDisposed()) plugin.dispose();
  };
}

/** Live and past are two playlists: whichever plays says what time it is, and the page what else there is. */
function clockOf(player: Player, recorded: () => readonly Range[], live: () => boolean): ClipClock {
  const playing = segmentsClock(() => (sourceOf(player) ?? rewindSourceOf(player))?.segments ?? [], live, pictureStart);
  return {
    ...playing,
    range: () => {
      const listed = playing.range();
      return listed && { ...listed, from_ms: Math.min(recorded()[0]?.from_ms ?? Infinity, listed.from_ms) };
    },
    recorded: (stretch) => {
      const known = recorded();
      return known.length > 0 ? [...known] : (playing.recorded?.(stretch) ?? []);
    },
    seek: (moment_ms) => rewindOf(player)?.show(moment_ms, playing.timeAt(moment_ms)),
  };
}

/** Sound leads the picture by some frames, and hls.js has a segment begin with whichever comes first. */
function pictureStart(segment: Segment | Fragment): number {
  // Only what has come is known that well.
  const came = 'startPTS' in segment && segment.startPTS !== undefined;
  return (came && segment.elementaryStreams.video?.startPTS) || segment.start;
}
