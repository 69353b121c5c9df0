import { beforeEach, expect, it, vi } from 'vitest';

import { copy } from './clipboard';

beforeEach(() => {
  document.body.innerHTML = '<button>Copy</button>';
  document.querySelector('button')?.focus();
});

it('uses the clipboard where the browser has one', async () => {
  const writeText = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  expect(await copy('rtmp://x/live')).toBe(true);
  expect(writeText).toHaveBeenCalledWith('rtmp://x/live');
});

it('copies by selection on plain http, and leaves nothing of the text in the page', async () => {
  vi.stubGlobal('navigator', {});
  let copied = '';
  document.execCommand = vi.fn(() => {
    copied = document.querySelector('textarea')?.value ?? '';
    return true;
  });
  expect(await copy('sk_secret')).toBe(true);
  expect(copied).toBe('sk_secret');
  expect(document.documentElement.outerHTML).not.toContain('sk_secret');
  expect(document.activeElement?.tagName).toBe('BUTTON');
});

it('says so when neither way works', async () => {
  vi.stubGlobal('navigator', {});
  document.execCommand = vi.fn(() => false);
  expect(await copy('x')).toBe(false);
});
