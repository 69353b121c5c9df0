/** Where the focus is when what had it is gone. */
import { tick } from 'svelte';

/**
 * Takes the focus to what stands where an item of a list was, which was taken away with it; else to the heading.
 * `around` is an element that holds the list, `item` finds its items, and `at` is the place of the one that is gone.
 */
export async function focusNeighbour(around: Element | null, item: string, at: number): Promise<void> {
  await tick();
  // Whoever has gone on elsewhere meanwhile is left alone.
  if (document.activeElement !== document.body) return;
  const here = around?.isConnected ? around : null;
  const items = here?.querySelectorAll(item) ?? [];
  const near = items[Math.min(at, items.length - 1)]?.querySelector<HTMLElement>('a, button');
  if (near) return near.focus();
  const heading = (here?.querySelector('h1, h2') ?? document.querySelector('h1')) as HTMLElement | null;
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
}
