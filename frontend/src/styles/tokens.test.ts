import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');

/** The two values of a token: light first, as light-dark() has them. */
function token(name: string): [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  if (!found?.[1] || !found[2]) throw new Error(`no token --${name}`);
  return [found[1], found[2]];
}

function luminance(hex: string): number {
  const linear = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

/** The contrast of two colours as WCAG 2.2 defines it. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('the %s theme', (_, theme) => {
  it.each(['ink', 'quiet', 'faint', 'water', 'next', 'well'])('shows --%s readably on every surface', (name) => {
    for (const surface of ['ground', 'panel', 'raised']) {
      expect(contrast(token(name)[theme], token(surface)[theme])).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('shows the words of the tally readably on its red', () => {
    expect(contrast(token('on-air')[theme], token('air')[theme])).toBeGreaterThanOrEqual(4.5);
  });

  it('shows the edge of a control against every surface', () => {
    for (const surface of ['ground', 'panel']) {
      expect(contrast(token('edge-strong')[theme], token(surface)[theme])).toBeGreaterThanOrEqual(3);
    }
  });
});
