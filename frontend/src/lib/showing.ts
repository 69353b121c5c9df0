/**
 * Whether the watch page shows the player or says that the channel is off air. Pure.
 *
 * The channel's word and the player's disagree for a while at both ends of a show: a show is announced before its
 * first segment is listed, and its last segments play on after its end was announced.
 */
import type { Phase } from '../player';
import type { Channel } from './model';

export interface Showing {
  /** The show that plays, named by when it began; null while the channel is off air here. */
  show: string | null;
  url: string;
  /** Rises with each fresh start of the player. */
  take: number;
}

export const OFF_AIR: Showing = { show: null, url: '', take: 0 };

/** What should be shown, after the channel or the player has changed. `stalled_ms`: how long nothing has moved. */
export function nextShowing(showing: Showing, channel: Channel, phase: Phase, stalled_ms: number): Showing {
  const playable = channel.live && channel.playback !== null;
  if (showing.show === null) return playable ? begin(showing, channel) : showing;
  const spent = phase === 'over';
  if (playable) return spent && nameOf(channel) !== showing.show ? begin(showing, channel) : showing;
  const stopped = spent || phase === 'failed' || stalled_ms >= GIVE_UP_MS;
  return stopped ? { ...OFF_AIR, take: showing.take } : showing;
}

/** Past the end of a show, this long without a moving picture means that nothing is left to play. */
export const GIVE_UP_MS = 8_000;

function begin(showing: Showing, channel: Channel): Showing {
  return { show: nameOf(channel), url: channel.playback?.hls ?? '', take: showing.take + 1 };
}

function nameOf(channel: Channel): string {
  return channel.started_at ?? channel.slug;
}
