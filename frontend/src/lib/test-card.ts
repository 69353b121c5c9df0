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
  { ground: '#1b2a38', line: '#66879f', ink: '#d9e5ee' },
  { ground: '#362a1c', line: '#a3885f', ink: '#f1e7d6' },
  { ground: '#28223a', line: '#8379ad', ink: '#e5e0f3' },
  { ground: '#1b3127', line: '#65967f', ink: '#daebe2' },
  { ground: '#33242f', line: '#9c7590', ink: '#efe0ea' },
  { ground: '#2c2f1d', line: '#8c935f', ink: '#e9ecd8' },
  { ground: '#2a2c30', line: '#82878f', ink: '#e5e7ea' },
];

export function testCard(slug: string, title: string): TestCard {
  const hash = fnv(slug);
  const tone = TONES[(hash >>> 8) % TONES.length] as Tone;
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
