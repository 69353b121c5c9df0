import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import { confirm } from '../lib/confirm.svelte';
import { Problem } from '../lib/problem';
import { toasts } from '../lib/toasts.svelte';
import { press, render, type, words } from '../testing/render';
import ConfirmDialog from './ConfirmDialog.svelte';
import CopyField from './CopyField.svelte';
import ErrorState from './ErrorState.svelte';
import Field from './Field.svelte';
import PasswordField from './PasswordField.svelte';
import Prose from './Prose.svelte';
import Toasts from './Toasts.svelte';

describe('a field', () => {
  it('is tied to its label, its hint and what is wrong with it', () => {
    const target = render(Field, {
      label: 'Name',
      name: 'name',
      value: '',
      hint: 'Shown to all.',
      fault: 'Too short.',
    });
    const input = target.querySelector('input');
    expect(words(target.querySelector(`label[for="${input?.id}"]`))).toBe('Name');
    const described = input?.getAttribute('aria-describedby')?.split(' ') ?? [];
    expect(described.map((id) => words(document.getElementById(id)))).toEqual(['Shown to all.', 'Too short.']);
    expect(input?.getAttribute('aria-invalid')).toBe('true');
  });

  it('of a password is shown only while its reader asks for it', () => {
    const target = render(PasswordField, {
      label: 'Password',
      name: 'p',
      value: 'x',
      autocomplete: 'new-password' as const,
    });
    const input = target.querySelector('input');
    const eye = target.querySelector<HTMLButtonElement>('[aria-label="Show the password"]');
    expect(input?.type).toBe('password');
    eye?.click();
    flushSync();
    expect([input?.type, eye?.getAttribute('aria-pressed')]).toEqual(['text', 'true']);
  });
});

describe('a question', () => {
  it('that destroys a lot is answered only by typing the word', async () => {
    const target = render(ConfirmDialog, {});
    const answer = confirm.ask({ title: 'Delete?', text: 'Gone.', action: 'Delete it', typed: 'stage-north' });
    flushSync();
    const button = () => Array.from(target.querySelectorAll('button')).find((one) => words(one) === 'Delete it');
    expect(button()?.disabled).toBe(true);
    type(target.querySelector('input'), 'stage-north');
    expect(button()?.disabled).toBe(false);
    target.querySelector('form')?.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
    expect(await answer).toBe(true);
  });

  it('that is closed was answered with no', async () => {
    const target = render(ConfirmDialog, {});
    const answer = confirm.ask({ title: 'End?', text: '', action: 'End it' });
    flushSync();
    press(target, 'Cancel');
    expect(await answer).toBe(false);
    expect(target.querySelector('dialog')?.open).toBe(false);
  });
});

describe('notices', () => {
  it('take back what was done, and say so when that fails', async () => {
    const target = render(Toasts, {});
    toasts.done('Saved.', () => Promise.reject(Problem.unreachable()));
    flushSync();
    press(target, 'Undo');
    await vi.waitFor(() => expect(words(target)).toContain('does not answer'));
    expect(words(target)).not.toContain('Saved.');
  });
});

describe('text that people wrote', () => {
  it('keeps its words, and makes links of web addresses only', () => {
    const target = render(Prose, {
      text: 'See https://example.org/a?b=1. Not javascript:alert(1) <b>bold</b>\nNew line',
    });
    const links = Array.from(target.querySelectorAll('a'));
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://example.org/a?b=1']);
    expect(links[0]?.rel).toContain('noopener');
    expect(target.querySelector('b')).toBeNull();
    expect(target.textContent).toContain('<b>bold</b>\nNew line');
  });
});

describe('a text to copy', () => {
  it('is copied at a press, and says so to everyone', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    const target = render(CopyField, { label: 'Server', text: 'rtmp://x/live' });
    target.querySelector('button')?.click();
    await vi.waitFor(() => expect(words(target.querySelector('[role=status]'))).toBe('Server copied.'));
    expect(writeText).toHaveBeenCalledWith('rtmp://x/live');
  });
});

describe('what could not be loaded', () => {
  it('says why, with a reference for the operator, and can be tried again', () => {
    const retry = vi.fn();
    const problem = new Problem({
      status: 500,
      code: 'internal_error',
      detail: 'Something went wrong.',
      requestId: 'r-1',
    });
    const target = render(ErrorState, { title: 'No list', problem, retry });
    expect(words(target.querySelector('[role=alert]'))).toContain('Reference r-1');
    press(target, 'Try again');
    expect(retry).toHaveBeenCalledOnce();
  });
});
