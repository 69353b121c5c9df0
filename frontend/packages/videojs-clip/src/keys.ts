/** Which key does what. Pure. */
import type { Which } from './markers';

export type Command =
  | { do: 'open' }
  | { do: 'mark'; which: Which }
  | { do: 'step'; by: number; unit: 'frame' | 'second' }
  | { do: 'make' }
  | { do: 'leave' }
  | { do: 'preview' }
  | { do: 'pause' };

/** Where a key was pressed: on the picture, on a marker, on another control, in a field, or in what is open over the picture. */
export type Target = 'picture' | 'marker' | 'control' | 'field' | 'menu';

/** The panel is not shown, says why there can be no clip, or has markers. */
export type PanelIs = 'away' | 'refusing' | 'marking';

export interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

const PAGE_S = 10;

const ARROWS: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const PAGES: Record<string, number> = { PageDown: -PAGE_S, PageUp: PAGE_S };

/** What a key asks for; null leaves it to others. */
export function commandOf(key: Key, target: Target, panel: PanelIs): Command | null {
  if (key.ctrlKey || key.altKey || key.metaKey) return null;
  if (key.key === 'Escape') return panel === 'away' || target === 'menu' ? null : { do: 'leave' };
  if (target === 'field') return null;
  return marking(key) ?? (panel === 'marking' ? moving(key, target) : null);
}

function marking({ key, shiftKey }: Key): Command | null {
  if (shiftKey) return null;
  const letter = key.toLowerCase();
  if (letter === 'i') return { do: 'mark', which: 'in' };
  if (letter === 'o') return { do: 'mark', which: 'out' };
  return letter === 'c' ? { do: 'open' } : null;
}

function moving({ key, shiftKey }: Key, target: Target): Command | null {
  if (key.toLowerCase() === 'p') return { do: 'preview' };
  if (target === 'control' || target === 'menu') return null;
  const [by, page] = [ARROWS[key], PAGES[key]];
  if (by !== undefined) return { do: 'step', by, unit: shiftKey ? 'second' : 'frame' };
  if (page !== undefined) return { do: 'step', by: page, unit: 'second' };
  if (key === 'Enter') return { do: 'make' };
  return target === 'marker' && key === ' ' ? { do: 'pause' } : null;
}
