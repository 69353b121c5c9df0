/** What there is to say about the markers as they stand: what limits them, before it is hit. Pure. */
import type { Range } from './clock';
import type { Bounds, Markers, Stop } from './markers';
import { clockOf, inWords } from './words';

/** What is known when a note is made. */
export interface Facts {
  markers: Markers;
  bounds: Bounds;
  /** The live edge, or the end of what was recorded. */
  edge_ms: number;
  live: boolean;
  /** What is recorded between the markers, up to the edge, oldest first. */
  recorded: readonly Range[];
  /** What the marker that moved last ran into. */
  stop: Stop | null;
}

export interface Note {
  text: string;
  /** `stop`: no clip can be made like this. `limit`: something was run into. */
  kind: 'hint' | 'limit' | 'stop';
  /** What it is about: while that stays, only numbers change. */
  about: Stop | 'nothing' | 'future' | 'ahead' | 'hole' | 'nearly';
}

/** So near to the longest clip, what is left is said. */
const NEAR_MS = 15_000;
/** Holes that nobody sees. */
const HOLE_MS = 300;

/** The one thing to say; null when there is nothing. */
export function noteOn(facts: Facts): Note | null {
  return nothingThere(facts) ?? ranInto(facts) ?? ahead(facts) ?? hole(facts) ?? nearlyTooLong(facts);
}

function nothingThere({ recorded, markers, edge_ms }: Facts): Note | null {
  if (recorded.length > 0 || markers.in_ms >= edge_ms) return null;
  const text = 'Nothing was recorded between these markers. Move them to where the bar is filled.';
  return { kind: 'stop', about: 'nothing', text };
}

function ranInto({ stop, bounds, live, edge_ms }: Facts): Note | null {
  if (stop === null) return null;
  const latest = live
    ? `A clip may end at most ${inWords(bounds.to_ms - edge_ms)} ahead of live.`
    : `Nothing after ${clockOf(bounds.to_ms)} is recorded.`;
  const sentences: Record<Stop, string> = {
    longest: `A clip is at most ${inWords(bounds.longest_ms)} long here. Move the other marker to go on.`,
    shortest: `A clip is at least ${inWords(bounds.shortest_ms)} long.`,
    oldest: `Nothing before ${clockOf(bounds.from_ms)} is recorded, or it is gone.`,
    newest: latest,
  };
  return { kind: 'limit', about: stop, text: sentences[stop] };
}

function ahead({ markers, edge_ms, live }: Facts): Note | null {
  const ahead_ms = markers.out_ms - edge_ms;
  if (!live || ahead_ms < 1_000) return null;
  if (markers.in_ms >= edge_ms) {
    const text = 'All of it is ahead of live: it can be previewed, and is made, when it has happened.';
    return { kind: 'hint', about: 'future', text };
  }
  return {
    kind: 'hint',
    about: 'ahead',
    text: `The end is ${inWords(ahead_ms)} ahead of live: the clip is made when it has happened.`,
  };
}

function hole({ recorded, markers, edge_ms }: Facts): Note | null {
  const ends = [markers.in_ms, ...recorded.map((stretch) => stretch.to_ms)];
  const begins = [...recorded.map((stretch) => stretch.from_ms), Math.min(markers.out_ms, edge_ms)];
  const at = ends.findIndex((end_ms, index) => (begins[index] ?? end_ms) - end_ms > HOLE_MS);
  const [from_ms, to_ms] = [ends[at], begins[at]];
  if (at < 0 || from_ms === undefined || to_ms === undefined) return null;
  return {
    kind: 'hint',
    about: 'hole',
    text: `Nothing was recorded for ${inWords(to_ms - from_ms)} in between: the clip leaves it out.`,
  };
}

function nearlyTooLong({ markers, bounds }: Facts): Note | null {
  const left_ms = bounds.longest_ms - (markers.out_ms - markers.in_ms);
  if (left_ms > Math.min(NEAR_MS, bounds.longest_ms / 4)) return null;
  const text =
    left_ms < 1_000
      ? `This is the longest clip there may be here: ${inWords(bounds.longest_ms)}.`
      : `${inWords(left_ms)} more, and the clip is as long as it may be.`;
  return { kind: 'hint', about: 'nearly', text };
}
