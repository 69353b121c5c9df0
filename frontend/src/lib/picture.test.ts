import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { fetchPicture } from './picture';

let decode: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    'Image',
    class {
      src = '';
      decode = () => decode();
    },
  );
});
afterEach(() => vi.useRealTimers());

it('is waited for, and no timer is left', async () => {
  decode = () => Promise.resolve();
  await expect(fetchPicture('/one.jpg')).resolves.toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

it('is given up when it does not come: whoever waits for it asks for no other', async () => {
  decode = () => new Promise(() => undefined);
  const failed = vi.fn();
  fetchPicture('/one.jpg').catch(failed);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(failed).toHaveBeenCalledOnce();
});
