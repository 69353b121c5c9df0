/** A channel's address: 2 to 40 of `a-z`, `0-9` and inner hyphens. The server has the last word. */

export const SLUG_MAX = 40;
const SLUG_MIN = 2;
/** Marks that normalising leaves behind a letter: é becomes e and one of these. */
const COMBINING = /[\u0300-\u036f]/g;
const SPELT: Record<string, string> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  å: 'a',
  ł: 'l',
  '&': ' and ',
};

/** An address made of a title; empty when the title has nothing to make one of. */
export function slugOf(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFC')
    .replace(/[äöüßæøåł&]/g, (letter) => SPELT[letter] ?? letter)
    .normalize('NFD')
    .replace(COMBINING, '')
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX)
    .replace(/^-+|-+$/g, '');
}

/** What is wrong with an address, in a sentence; null when nothing is. */
export function slugFault(slug: string): string | null {
  if (slug.length < SLUG_MIN) return `Give it at least ${SLUG_MIN} characters.`;
  if (slug.length > SLUG_MAX) return `Keep it to ${SLUG_MAX} characters.`;
  if (/[^a-z0-9-]/.test(slug)) return 'Use lower-case letters, digits and hyphens only.';
  if (slug.startsWith('-') || slug.endsWith('-')) return 'A hyphen cannot stand first or last.';
  return null;
}
