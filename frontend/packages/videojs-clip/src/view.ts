/** The stretch of time that the bar shows, and the way between moments and places on it. Pure. */
import type { Range } from './clock';
import type { Bounds, Markers } from './markers';

/** A shorter view would make a second wider than anyone needs. */
const SHORTEST_MS = 30_000;
/** Of the view, the markers take about so much. */
const FILL = 0.55;
/** A marker that stands this near to the view's end has no room to be moved on. */
const EDGE = 0.06;
/** Markers that take less than this of the view are too close to be told apart. */
const TOO_SMALL = 0.25;

/** A view with the markers in its middle. */
export function viewOf({ in_ms, out_ms }: Markers, bounds: Bounds): Range {
  const length_ms = Math.max(SHORTEST_MS, (out_ms - in_ms) / FILL);
  const all_ms = bounds.to_ms - bounds.from_ms;
  if (all_ms <= length_ms) return { from_ms: bounds.from_ms, to_ms: Math.max(bounds.to_ms, bounds.from_ms + 1_000) };
  const from_ms = (in_ms + out_ms - length_ms) / 2;
  const held_ms = Math.min(Math.max(from_ms, bounds.from_ms), bounds.to_ms - length_ms);
  return { from_ms: held_ms, to_ms: held_ms + length_ms };
}

/** Whether the markers can be worked with in a view. */
export function fits(view: Range, { in_ms, out_ms }: Markers, bounds: Bounds): boolean {
  const length_ms = view.to_ms - view.from_ms;
  const room_ms = length_ms * EDGE;
  const [before, after] = [view.from_ms <= bounds.from_ms, view.to_ms >= bounds.to_ms];
  const inside =
    (before ? in_ms >= view.from_ms : in_ms >= view.from_ms + room_ms) &&
    (after ? out_ms <= view.to_ms : out_ms <= view.to_ms - room_ms);
  return inside && (length_ms <= SHORTEST_MS * 1.01 || out_ms - in_ms >= length_ms * TOO_SMALL);
}

/** How far along a view a moment is: 0 at its beginning, 1 at its end, never outside. */
export function shareOf(moment_ms: number, { from_ms, to_ms }: Range): number {
  return to_ms > from_ms ? Math.min(1, Math.max(0, (moment_ms - from_ms) / (to_ms - from_ms))) : 0;
}

/** The moment at a share of a view. */
export function momentAt(share: number, { from_ms, to_ms }: Range): number {
  return from_ms + Math.min(1, Math.max(0, share)) * (to_ms - from_ms);
}
