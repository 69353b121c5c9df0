/** The icons: lucide's (ISC licence), drawn as elements since a content security policy may forbid images by data. */

const SHAPES = {
  scissors: [
    'M9 6a3 3 0 1 1-6 0a3 3 0 0 1 6 0z',
    'M8.12 8.12 12 12',
    'M20 4 8.12 15.88',
    'M9 18a3 3 0 1 1-6 0a3 3 0 0 1 6 0z',
    'M14.8 14.8 20 20',
  ],
  close: ['M18 6 6 18', 'm6 6 12 12'],
  earlier: ['m15 18-6-6 6-6'],
  later: ['m9 18 6-6-6-6'],
  repeat: ['m17 2 4 4-4 4', 'M3 11v-1a4 4 0 0 1 4-4h14', 'm7 22-4-4 4-4', 'M21 13v1a4 4 0 0 1-4 4H3'],
  check: ['M20 6 9 17l-5-5'],
  copy: [
    'M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2z',
    'M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2',
  ],
  download: ['M12 15V3', 'M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4', 'm7 10 5 5 5-5'],
  share: ['M12 2v13', 'm16 6-4-4-4 4', 'M4 12v8a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-8'],
  open: ['M15 3h6v6', 'M10 14 21 3', 'M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6'],
} as const;

const SVG = 'http://www.w3.org/2000/svg';

/** An icon that says nothing by itself. */
export function icon(name: keyof typeof SHAPES, size = 16): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = { viewBox: '0 0 24 24', width: size, height: size, fill: 'none', stroke: 'currentColor' };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, String(value));
  for (const [key, value] of Object.entries({ width: 2, linecap: 'round', linejoin: 'round' })) {
    svg.setAttribute(`stroke-${key}`, String(value));
  }
  svg.setAttribute('aria-hidden', 'true');
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', shape);
    svg.append(path);
  }
  return svg;
}
