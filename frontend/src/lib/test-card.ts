/** A channel's test card: always the same for the same slug, told apart at a glance from its neighbours. */

export interface Tone {
  ground: string;
  line: string;
  ink: string;
}

export interface TestCard {
  tone: Tone;
  /** Up to three letters of the title. */
  letters: string;
  /** Strengths of the six steps at the card's foot. */
  steps: number[];
}

/** Calm, and dark in both themes, since pictures are. None is red. */
const TONES: readonly Tone[] = [
  { ground: '#1d2b33', line: '#6d8b9a', ink: '#dbe6ec' },
  { ground: '#322a1f', line: '#9a8465', ink: '#efe6d8' },
  { ground: '#272236', line: '#8078a3', ink: '#e4e0f0' },
  { ground: '#1e3028', line: '#6a9480', ink: '#dceae2' },
  { ground: '#2b2b2e', line: '#84868d', ink: '#e6e7ea' },
  { ground: '#1c2d30', line: '#629197', ink: '#d9e9ea' },
  { ground: '#2f2630', line: '#927a94', ink: '#ebe1ec' },
];

export function testCard(slug: string, title: string): TestCard {
  const hash = fnv(slug);
  const tone = TONES[hash % TONES.length] as Tone;
  const steps = [0.08, 0.2, 0.34, 0.5, 0.68, 0.88];
  const turned = [...steps.slice(hash % 6), ...steps.slice(0, hash % 6)];
  return {
    tone,
    letters: initials(title) || slug.slice(0, 2).toUpperCase(),
    steps: hash & 64 ? turned.reverse() : turned,
  };
}

function initials(title: string): string {
  const words = title.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const letters =
    words.length === 1 ? Array.from(words[0] ?? '').slice(0, 2) : words.slice(0, 3).map((word) => Array.from(word)[0]);
  return letters.join('').toUpperCase();
}

/** FNV-1a over the characters: short, and even over short words. */
function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
