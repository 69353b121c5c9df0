/** Puts a component into the test's page, and takes it away after the test. */
import { type Component, flushSync, mount, unmount } from 'svelte';
import { onTestFinished } from 'vitest';

export function render<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): HTMLElement {
  const target = document.createElement('div');
  document.body.replaceChildren(target);
  const shown = mount(component, { target, props });
  flushSync();
  onTestFinished(() => unmount(shown));
  return target;
}

/** The words of an element, with one space between them, wherever markup or white space parts them. */
export function words(element: Element | null): string {
  const texts = (node: Node): string =>
    Array.from(node.childNodes, (child) =>
      child.nodeType === Node.TEXT_NODE ? (child.nodeValue ?? '') : texts(child),
    ).join(' ');
  return element ? texts(element).replace(/\s+/g, ' ').trim() : '';
}

/** Types into a field as a person does. */
export function type(element: Element | null, text: string): void {
  if (!(element instanceof HTMLInputElement)) throw new Error('no field to type into');
  element.value = text;
  element.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

/** Presses the button with these words, or clicks the element. */
export function press(target: HTMLElement, button: string): void {
  const found = Array.from(target.querySelectorAll('button')).find((one) => words(one).startsWith(button));
  if (!found) throw new Error(`no button “${button}”`);
  found.click();
  flushSync();
}
