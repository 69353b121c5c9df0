/**
 * How fast to play, so that a player stays at its distance from live. Pure.
 *
 * hls.js has a rule of its own, which is turned off in engine.ts: it only catches up while more than a second is
 * buffered, and whoever plays 1.1 s behind live never has that much.
 */

/** Where playback stands; all in seconds. */
export interface Standing {
  /** Behind the newest media there is. */
  behind_s: number;
  /** Where it should be. */
  target_s: number;
  /** Buffered ahead of the picture. */
  buffer_s: number;
}

/** Faster than this, voices and music are heard to change. */
export const FASTEST = 1.1;
const FASTER = 1.05;
const SLOWER = 0.95;

/** Whoever is further off has paused or gone back, and wants to be there. At 1.1, the way from here takes 150 s. */
export const REACH_S = 15;

/** Off target by more than this, the rate changes... */
const BEGIN_S = 0.12;
/** ...until it is off by less than this: less often than parts arrive, since each change may be heard. */
const END_S = 0.03;
/** From here on it is worth going faster still. */
const FAR_S = 0.5;
/** Hurrying on into an empty buffer would only bring the stall sooner. */
const LEAST_BUFFER_S = 0.35;

/** The rate to play at, given the one it plays at now. 1 is as the show goes. */
export function rateFor({ behind_s, target_s, buffer_s }: Standing, rate: number): number {
  const late_s = behind_s - target_s;
  const begins = Math.abs(late_s) > (rate === 1 ? BEGIN_S : END_S);
  if (!begins || late_s > REACH_S) return 1;
  if (late_s < 0) return rate > 1 ? 1 : SLOWER;
  if (rate < 1 || buffer_s < LEAST_BUFFER_S) return 1;
  return late_s > FAR_S ? FASTEST : FASTER;
}
