import { describe, expect, it } from 'vitest';

import { BitrateMeter } from './bitrate';

describe('the bitrate', () => {
  it('is unknown before media arrives', () => {
    expect(new BitrateMeter().bps).toBeNull();
  });

  it('is what arrived over how long it plays, parts and segments alike', () => {
    const meter = new BitrateMeter();
    meter.add(100_000, 0.333);
    meter.add(500_000, 1.667);
    expect(meter.bps).toBeCloseTo(2_400_000);
  });

  it('follows the show: what is ten seconds old no longer counts', () => {
    const meter = new BitrateMeter();
    for (let second = 0; second < 60; second += 1) meter.add(1_000_000, 1);
    for (let second = 0; second < 10; second += 1) meter.add(125_000, 1);
    expect(meter.bps).toBeCloseTo(1_000_000);
  });

  it('does not stumble over media that plays for no time', () => {
    const meter = new BitrateMeter();
    meter.add(1_000, 0);
    meter.add(1_000, NaN);
    expect(meter.bps).toBeNull();
  });
});
