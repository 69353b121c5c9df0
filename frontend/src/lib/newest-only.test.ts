import { expect, it } from 'vitest';

import { newestOnly } from './newest-only';

it('does the first wish and the newest, and none of those between, one at a time', async () => {
  const done: number[] = [];
  const ends: (() => void)[] = [];
  const ask = newestOnly(async (wish: number) => {
    done.push(wish);
    await new Promise<void>((resolve) => ends.push(resolve));
  });
  for (const wish of [1, 2, 3, 4]) ask(wish);
  expect(done).toEqual([1]);
  ends.shift()?.();
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(done).toEqual([1, 4]);
});

it('goes on after a wish that failed', async () => {
  const done: number[] = [];
  const ask = newestOnly((wish: number) => {
    done.push(wish);
    return Promise.reject(new Error('no'));
  });
  ask(1);
  await new Promise((resolve) => setTimeout(resolve));
  ask(2);
  expect(done).toEqual([1, 2]);
});
