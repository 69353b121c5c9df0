import { flushSync, mount, unmount } from 'svelte';
import { expect, it, vi } from 'vitest';

import { press } from '../testing/render';

const beginToLoad = vi.fn();
const createLivePlayer = vi.fn();
vi.mock('../player', () => ({ beginToLoad, createLivePlayer }));

const { default: LivePlayer } = await import('./LivePlayer.svelte');

it('a page that is left while its player is fetched once more gets none', async () => {
  const target = document.createElement('div');
  document.body.replaceChildren(target);
  beginToLoad.mockRejectedValueOnce(new Error('network'));
  const shown = mount(LivePlayer, { target, props: { src: '/live/a/index.m3u8', label: 'Live picture' } });
  await vi.waitFor(() => expect(target.querySelector('[role=alert]')).not.toBeNull());
  let come: () => void = () => undefined;
  beginToLoad.mockReturnValueOnce(new Promise<void>((resolve) => (come = resolve)));
  press(target, 'Try again');
  await vi.waitFor(() => expect(beginToLoad).toHaveBeenCalledTimes(2));
  await unmount(shown);
  flushSync();
  come();
  await new Promise((resolve) => setTimeout(resolve));
  expect(createLivePlayer).not.toHaveBeenCalled();
});
