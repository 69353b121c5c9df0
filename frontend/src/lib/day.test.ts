import { describe, expect, it } from 'vitest';

import { aShow } from '../testing/fixtures';
import { byDay, land, momentAt, type Range, shareOf, spansOf, step, ticks } from './day';

const HOUR = 3_600_000;
const at = (clock: string, day = '2026-11-20') => Date.parse(`${day}T${clock}:00Z`);
const range: Range = { from_ms: at('12:00'), to_ms: at('12:00', '2026-11-21') };

const early = aShow({ id: '1', started_at: '2026-11-20T10:00:00Z', ended_at: '2026-11-20T13:00:00Z' });
const holed = aShow({
  id: '2',
  started_at: '2026-11-20T18:00:00Z',
  ended_at: '2026-11-20T20:00:00Z',
  gaps: [{ from: '2026-11-20T18:30:00Z', to: '2026-11-20T18:45:00Z' }],
});
const live = aShow({ id: '3', started_at: '2026-11-21T11:00:00Z', ended_at: null, live: true });
const spans = spansOf([live, holed, early], range);
const now = { ms: range.to_ms, live: true };

describe('what was recorded in a range', () => {
  it('is oldest first, cut to the range, and without the gaps', () => {
    expect(spans.map(({ show, from_ms, to_ms }) => [show.id, from_ms, to_ms])).toEqual([
      ['1', at('12:00'), at('13:00')],
      ['2', at('18:00'), at('18:30')],
      ['2', at('18:45'), at('20:00')],
      ['3', at('11:00', '2026-11-21'), range.to_ms],
    ]);
  });

  it('goes on only at the end of the show that is on air', () => {
    const interrupted = { ...live, gaps: [{ from: '2026-11-21T11:10:00Z', to: '2026-11-21T11:20:00Z' }] };
    expect(spansOf([interrupted], range).map((span) => span.live)).toEqual([false, true]);
  });

  it('ends now, in a day that is not over', () => {
    const day = { from_ms: at('00:00', '2026-11-21'), to_ms: at('00:00', '2026-11-22') };
    expect(spansOf([live], day, at('11:30', '2026-11-21'))[0]?.to_ms).toBe(at('11:30', '2026-11-21'));
  });
});

describe('a place on the strip', () => {
  it.each([0, 0.25, 0.5, 1])('at %d is found again from its moment', (share) =>
    expect(shareOf(momentAt(share, range), range)).toBeCloseTo(share, 9),
  );

  it('is never outside', () => {
    expect([shareOf(0, range), shareOf(range.to_ms + 1, range), shareOf(5, { from_ms: 5, to_ms: 5 })]).toEqual([
      0, 1, 0,
    ]);
    expect([momentAt(-1, range), momentAt(2, range)]).toEqual([range.from_ms, range.to_ms]);
  });
});

describe('whoever asks for a moment', () => {
  it('that was recorded lands there', () =>
    expect(land(at('18:10'), spans, now)).toEqual({ at_ms: at('18:10'), why: 'there' }));

  it('in a gap lands at the start of what comes next', () => {
    expect(land(at('15:00'), spans, now)).toEqual({ at_ms: at('18:00'), why: 'next' });
    expect(land(at('18:40'), spans, now)).toEqual({ at_ms: at('18:45'), why: 'next' });
  });

  it('before all there is lands at its beginning', () =>
    expect(land(at('09:00'), spans, now)).toEqual({ at_ms: at('12:00'), why: 'first' }));

  it('that is as good as now is live', () => {
    expect(land(range.to_ms - 5_000, spans, now)?.why).toBe('live');
    expect(land(range.to_ms + HOUR, spans, now)?.why).toBe('live');
  });

  it('after the last show lands at its end, when nothing is on air', () => {
    const over = spansOf([holed], range);
    expect(land(at('23:00'), over, { ...now, live: false })).toEqual({ at_ms: at('20:00') - 10_000, why: 'end' });
  });

  it('where nothing is recorded lands nowhere', () =>
    expect(land(at('15:00'), [], { ...now, live: false })).toBeNull());
});

describe('a step', () => {
  it('goes as far as it says', () => {
    expect(step(at('19:00'), 60_000, spans)).toBe(at('19:01'));
    expect(step(at('19:00'), -60_000, spans)).toBe(at('18:59'));
  });

  it('back across a gap is in the show before, and not again where it began', () => {
    expect(step(at('18:00'), -60_000, spans)).toBe(at('13:00') - 10_000);
    expect(step(at('18:45'), -60_000, spans)).toBe(at('18:30') - 10_000);
  });

  it('back from the first show stays where nothing is, which is its beginning', () =>
    expect(step(at('12:00'), -60_000, spans)).toBe(at('11:59')));
});

describe('the scale', () => {
  it('has whole hours, no more than there is room for', () => {
    for (const most of [3, 6, 13, 30]) {
      const marks = ticks(range, most);
      expect(marks.length).toBeGreaterThan(1);
      expect(marks.length).toBeLessThanOrEqual(most + 1);
      for (const { at_ms } of marks) expect(new Date(at_ms).getMinutes()).toBe(0);
    }
  });

  it('says where a day begins', () => {
    const midnights = ticks(range, 12).filter((tick) => tick.midnight);
    expect(midnights.map(({ at_ms }) => new Date(at_ms).getHours())).toEqual([0]);
  });

  it('has days where the range is a week', () => {
    const marks = ticks({ from_ms: range.to_ms - 168 * HOUR, to_ms: range.to_ms }, 8);
    expect(marks.every((tick) => tick.midnight)).toBe(true);
    expect(marks).toHaveLength(7);
  });
});

describe('the days of an archive', () => {
  it('are newest first, and so are their shows', () => {
    const days = byDay([early, live, holed], range.to_ms);
    expect(days.map(({ shows }) => shows.map(({ id }) => id))).toEqual([['3'], ['2', '1']]);
    expect(new Date(days[0]?.range.from_ms ?? 1).getHours()).toBe(0);
  });

  it('list a show over midnight under each of its days, and one until midnight under its own', () => {
    const local = (day: number, hours: number) => new Date(2026, 10, day, hours).getTime();
    const from = (id: string, from_ms: number, to_ms: number | null) =>
      aShow({
        id,
        started_at: new Date(from_ms).toISOString(),
        ended_at: to_ms && new Date(to_ms).toISOString(),
        live: to_ms === null,
      } as object);
    const late = from('late', local(18, 22), local(19, 2));
    const evening = from('evening', local(19, 20), local(20, 0));
    const still = from('still', local(20, 23), null);
    const days = byDay([still, evening, late], local(22, 1));
    expect(days.map(({ range, shows }) => [new Date(range.from_ms).getDate(), ...shows.map(({ id }) => id)])).toEqual([
      [22, 'still'],
      [21, 'still'],
      [20, 'still'],
      [19, 'evening', 'late'],
      [18, 'late'],
    ]);
  });
});
