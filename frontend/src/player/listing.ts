/** The segments that a media playlist lists, for browsers that play it by themselves and keep them to themselves. Pure. */
import type { Segment } from '@sluice/videojs-clip/clock';

/** Segments in media time, the first one at `begins_s`. What has no date yet has that of the one before it. */
export function segmentsOf(playlist: string, begins_s: number): Segment[] {
  const segments: Segment[] = [];
  let next = { start: begins_s, duration: 0, programDateTime: null as number | null, gap: false };
  for (const line of playlist.split(/\r?\n/)) {
    const [, tag, value = ''] = /^#(EXTINF|EXT-X-PROGRAM-DATE-TIME|EXT-X-GAP):?(.*)$/.exec(line) ?? [];
    if (tag === 'EXTINF') next.duration = parseFloat(value);
    else if (tag === 'EXT-X-PROGRAM-DATE-TIME') next.programDateTime = Date.parse(value);
    else if (tag === 'EXT-X-GAP') next.gap = true;
    else if (line !== '' && !line.startsWith('#') && next.duration > 0) {
      segments.push(next);
      const { start, duration, programDateTime } = next;
      const date = programDateTime === null ? null : programDateTime + duration * 1_000;
      next = { start: start + duration, duration: 0, programDateTime: date, gap: false };
    }
  }
  return segments;
}
