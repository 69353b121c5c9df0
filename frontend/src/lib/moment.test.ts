import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { momentAddress, momentOfClock, readLocal, readMoment, writeLocal, writeMoment } from './moment';

const MOMENT = Date.parse('2026-11-21T10:15:30Z');

describe('the moment of a link', () => {
  it('is RFC 3339 in UTC, to the second, and is read as it was written', () => {
    expect(writeMoment(MOMENT + 999)).toBe('2026-11-21T10:15:30Z');
    expect(readMoment(writeMoment(MOMENT))).toBe(MOMENT);
    expect(momentAddress('stage-north', MOMENT)).toBe('/watch/stage-north?t=2026-11-21T10:15:30Z');
  });

  it('may have a fraction', () => expect(readMoment('2026-11-21T10:15:30.250Z')).toBe(MOMENT + 250));

  it.each([
    null,
    '',
    'yesterday',
    '1763720130',
    '2026-11-21',
    '2026-11-21T10:15Z',
    '2026-11-21T10:15:30',
    '2026-11-21T10:15:30+01:00',
    '2026-11-31T10:15:30Z',
    '2026-11-21T25:15:30Z',
    '2026-11-21T10:15:30Z"><script>',
  ])('that is none is not read: %s', (text) => expect(readMoment(text)).toBeNull());
});

describe('a time of day', () => {
  const at = (hours: number, minutes: number, day = 21) => new Date(2026, 10, day, hours, minutes).getTime();
  const range = { from_ms: at(14, 0, 20), to_ms: at(14, 0) };

  it('is the last time that clocks here showed it', () => {
    expect(momentOfClock('10:15', range)).toBe(at(10, 15));
    expect(momentOfClock('20:41:07', range)).toBe(at(20, 41, 20) + 7_000);
    expect(momentOfClock(' 9:05 ', range)).toBe(at(9, 5));
  });

  it('that is outside of the range, or none, is refused', () => {
    expect(momentOfClock('10:15', { ...range, from_ms: at(13, 0) })).toBeNull();
    for (const text of ['', '24:00', '10:60', '10', 'ten', '10:15:61']) expect(momentOfClock(text, range)).toBeNull();
  });

  it('with its day is read as it was written', () => {
    expect(readLocal(writeLocal(at(10, 15)), range)).toBe(at(10, 15));
    expect(readLocal(writeLocal(at(10, 15, 19)), range)).toBeNull();
    expect(readLocal('', range)).toBeNull();
  });
});

describe('a time of day when clocks are changed', () => {
  const zone = process.env.TZ;
  beforeEach(() => (process.env.TZ = 'Europe/Berlin'));
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  const day = (to: string) => ({ from_ms: Date.parse(to) - 24 * 3_600_000, to_ms: Date.parse(to) });

  it('is the later one of two, unless that is yet to come', () => {
    const [first, second] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((text) => Date.parse(text));
    expect(momentOfClock('02:30', day('2026-10-25T12:00:00Z'))).toBe(second);
    expect(momentOfClock('02:30', day('2026-10-25T01:10:00Z'))).toBe(first);
    expect(readLocal('2026-10-25T02:30:00', day('2026-10-25T12:00:00Z'))).toBe(second);
  });

  it('that there was not is not taken for another', () => {
    const spring = day('2026-03-29T12:00:00Z');
    expect(momentOfClock('02:30', spring)).toBeNull();
    expect(readLocal('2026-03-29T02:30:00', spring)).toBeNull();
    expect(momentOfClock('03:30', spring)).toBe(Date.parse('2026-03-29T01:30:00Z'));
  });
});
