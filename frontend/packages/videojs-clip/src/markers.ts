/** The rules for the two markers: where they may stand, and what happens to one when the other moves. Pure. */
import type { Range } from './clock';

export type Which = 'in' | 'out';

/** Where a clip begins and ends, in milliseconds since 1970. */
export interface Markers {
  in_ms: number;
  out_ms: number;
}

/** Where markers may stand. */
export interface Bounds {
  /** The oldest moment there is. */
  from_ms: number;
  /** The latest moment at which a clip may end. */
  to_ms: number;
  shortest_ms: number;
  longest_ms: number;
}

/** Why a marker does not stand where it was asked to. */
export type Stop = 'longest' | 'shortest' | 'oldest' | 'newest';

export interface Moved {
  markers: Markers;
  /** What it ran into; null when it stands where it was asked to. */
  stop: Stop | null;
}

/** What lies right before a moment, as long as it is suggested and possible. */
export function suggest(now_ms: number, length_ms: number, bounds: Bounds): Markers {
  const wanted_ms = Math.min(Math.max(length_ms, bounds.shortest_ms), bounds.longest_ms);
  const out_ms = Math.min(Math.max(now_ms, bounds.from_ms + bounds.shortest_ms), bounds.to_ms);
  return { in_ms: Math.max(bounds.from_ms, out_ms - wanted_ms), out_ms };
}

/** Puts a marker at a moment, and takes the other along where the two would not be a clip. */
export function put(which: Which, moment_ms: number, markers: Markers, bounds: Bounds): Moved {
  const length_ms = markers.out_ms - markers.in_ms;
  const { at_ms, stop } = held(moment_ms, bounds);
  const asked = which === 'in' ? { ...markers, in_ms: at_ms } : { ...markers, out_ms: at_ms };
  const now_ms = asked.out_ms - asked.in_ms;
  if (now_ms >= bounds.shortest_ms && now_ms <= bounds.longest_ms) return { markers: asked, stop };
  const kept_ms = now_ms > bounds.longest_ms ? bounds.longest_ms : length_ms;
  const along =
    which === 'in'
      ? { in_ms: at_ms, out_ms: Math.min(at_ms + kept_ms, bounds.to_ms) }
      : { in_ms: Math.max(at_ms - kept_ms, bounds.from_ms), out_ms: at_ms };
  return { markers: apart(along, bounds), stop: now_ms > bounds.longest_ms ? 'longest' : stop };
}

/** Moves a marker while the other stays; it stops where the clip would become too long or too short. */
export function move(which: Which, moment_ms: number, markers: Markers, bounds: Bounds): Moved {
  const { in_ms, out_ms } = markers;
  const [least_ms, most_ms] =
    which === 'in'
      ? [out_ms - bounds.longest_ms, out_ms - bounds.shortest_ms]
      : [in_ms + bounds.shortest_ms, in_ms + bounds.longest_ms];
  const outer = held(moment_ms, bounds);
  const at_ms = Math.min(Math.max(outer.at_ms, least_ms), most_ms);
  const tooFar: Stop = which === 'in' ? 'longest' : 'shortest';
  const tooNear: Stop = which === 'in' ? 'shortest' : 'longest';
  const stop = outer.at_ms < least_ms ? tooFar : outer.at_ms > most_ms ? tooNear : outer.stop;
  return { markers: which === 'in' ? { in_ms: at_ms, out_ms } : { in_ms, out_ms: at_ms }, stop };
}

function held(moment_ms: number, { from_ms, to_ms }: Range): { at_ms: number; stop: Stop | null } {
  if (moment_ms < from_ms) return { at_ms: from_ms, stop: 'oldest' };
  return moment_ms > to_ms ? { at_ms: to_ms, stop: 'newest' } : { at_ms: moment_ms, stop: null };
}

/** At an end of what there is, both markers would stand on one place. */
function apart({ in_ms, out_ms }: Markers, bounds: Bounds): Markers {
  if (out_ms - in_ms >= bounds.shortest_ms) return { in_ms, out_ms };
  const later = Math.min(in_ms + bounds.shortest_ms, bounds.to_ms);
  return { in_ms: later - bounds.shortest_ms, out_ms: later };
}
