import { createRawSnippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import { render } from '../testing/render';
import Button from './Button.svelte';

const children = createRawSnippet(() => ({ render: () => '<span>Save</span>' }));

describe('a button', () => {
  it.each([{ busy: true }, { off: true }])('that cannot be pressed now keeps the focus: %o', (why) => {
    const onclick = vi.fn();
    const target = render(Button, { children, onclick, type: 'submit', ...why } as never);
    const button = target.querySelector('button') as HTMLButtonElement;
    button.focus();
    expect([document.activeElement, button.getAttribute('aria-disabled')]).toEqual([button, 'true']);
    const event = new MouseEvent('click', { bubbles: true, cancelable: true });
    button.dispatchEvent(event);
    expect([onclick.mock.calls.length, event.defaultPrevented, button.disabled]).toEqual([0, true, false]);
  });

  it('that can be pressed does what it says', () => {
    const onclick = vi.fn();
    const target = render(Button, { children, onclick } as never);
    target.querySelector('button')?.click();
    expect(onclick).toHaveBeenCalledOnce();
    expect(target.querySelector('[aria-disabled]')).toBeNull();
  });
});
