/** Sheets of small pictures with a WebVTT map: which of them shows a moment. Pure. */

/** A piece of a sheet. */
export interface Thumbnail {
  src: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * A thumbnail of a moment, in milliseconds since 1970; null where there is none, or not yet: while the pointer rests it is
 * asked for again.
 */
export type Storyboard = (moment_ms: number) => Thumbnail | null;

interface Cue extends Thumbnail {
  from_ms: number;
  to_ms: number;
}

const TIMES = /^(?:(\d+):)?(\d\d):(\d\d\.\d{3})\s+-->\s+(?:(\d+):)?(\d\d):(\d\d\.\d{3})/;
const PIECE = /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/**
 * A storyboard from a WebVTT map whose cues name `sheet.jpg#xywh=x,y,width,height`.
 * `url` is where the map came from, and `begin_ms` the moment that its time 0 stands for.
 */
export function storyboardOf(vtt: string, url: string, begin_ms: number): Storyboard {
  const cues = vtt.split(/\r?\n\r?\n/).flatMap((block) => cueOf(block.split(/\r?\n/), url, begin_ms));
  return (moment_ms) => cues.findLast((cue) => cue.from_ms <= moment_ms && moment_ms < cue.to_ms) ?? null;
}

function cueOf(lines: string[], url: string, begin_ms: number): Cue[] {
  const at = lines.findIndex((line) => line.includes('-->'));
  const times = TIMES.exec(lines[at] ?? '');
  const piece = PIECE.exec(lines[at + 1]?.trim() ?? '');
  if (!times || !piece) return [];
  const [from_ms, to_ms] = [millis(times.slice(1, 4)), millis(times.slice(4, 7))];
  const [x = 0, y = 0, width = 0, height = 0] = piece.slice(2).map(Number);
  const src = new URL(piece[1] ?? '', new URL(url, document.baseURI)).href;
  return [{ from_ms: begin_ms + from_ms, to_ms: begin_ms + to_ms, src, x, y, width, height }];
}

function millis([hours = '0', minutes = '0', seconds = '0']: (string | undefined)[]): number {
  return Math.round(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000);
}
