import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type PageComponent, type Route, Router } from './router.svelte';

const page = (name: string) => ({ default: Object.assign(() => ({}), { pageName: name }) as unknown as PageComponent });

function table(overrides: Partial<Record<string, Route['load']>> = {}): Route[] {
  return ['/', '/studio', '/watch/:slug'].map((pattern) => ({
    pattern,
    load: overrides[pattern] ?? (() => Promise.resolve(page(pattern))),
  }));
}

let stop: () => void = () => undefined;

function start(routes: Route[], notFound: Route['load'] = () => Promise.resolve(page('not found'))): Router {
  const router = new Router(routes, notFound);
  stop = router.start();
  return router;
}

const shownName = (router: Router) => (router.shown?.page as { pageName?: string } | undefined)?.pageName;

beforeEach(() => {
  history.replaceState({}, '', '/');
  document.body.innerHTML = '<main><h1 tabindex="-1">Heading</h1></main>';
});

afterEach(() => stop());

describe('the router', () => {
  it('shows the page of the address it starts at', async () => {
    history.replaceState({}, '', '/watch/stage-north?x=1');
    const router = start(table());
    await vi.waitFor(() => expect(shownName(router)).toBe('/watch/:slug'));
    expect(router.shown).toMatchObject({ params: { slug: 'stage-north' }, address: '/watch/stage-north?x=1' });
  });

  it('goes to a page, moves the focus to its heading and the view to its top', async () => {
    const router = start(table());
    const scrolled = vi.spyOn(window, 'scrollTo');
    await router.go('/studio');
    expect(shownName(router)).toBe('/studio');
    expect(location.pathname).toBe('/studio');
    expect(document.activeElement?.tagName).toBe('H1');
    expect(scrolled).toHaveBeenCalledWith(0, 0);
  });

  it('takes a click on a link instead of letting the page reload', async () => {
    const router = start(table());
    document.body.insertAdjacentHTML('beforeend', '<a href="/studio">Studio</a>');
    const event = new MouseEvent('click', { bubbles: true, cancelable: true, button: 0 });
    document.querySelector('a')?.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    await vi.waitFor(() => expect(shownName(router)).toBe('/studio'));
  });

  it('shows the page for addresses that have none', async () => {
    const router = start(table());
    await router.go('/no/such/page');
    expect(shownName(router)).toBe('not found');
    expect(router.shown?.route).toBeNull();
  });

  it('keeps to the last of two pages asked for, whichever loads first', async () => {
    let finish: (value: { default: PageComponent }) => void = () => undefined;
    const slow = () => new Promise<{ default: PageComponent }>((resolve) => (finish = resolve));
    const router = start(table({ '/studio': slow }));
    const first = router.go('/studio');
    await router.go('/watch/ab');
    finish(page('/studio'));
    await first;
    expect(shownName(router)).toBe('/watch/:slug');
  });

  it('keeps the old page and says so when the code of a page cannot be fetched', async () => {
    const router = start(table({ '/studio': () => Promise.reject(new Error('gone')) }));
    await vi.waitFor(() => expect(shownName(router)).toBe('/'));
    await router.go('/studio');
    expect(router.broken).toBe(true);
    expect(shownName(router)).toBe('/');
    await router.go('/watch/ab');
    expect(router.broken).toBe(false);
  });

  it('leaves no entry behind when it replaces one', async () => {
    const router = start(table());
    const before = history.length;
    await router.go('/studio', { replace: true });
    expect(history.length).toBe(before);
  });

  it('hears nothing more once it is stopped', async () => {
    const router = start(table());
    await vi.waitFor(() => expect(shownName(router)).toBe('/'));
    stop();
    document.body.insertAdjacentHTML('beforeend', '<a href="#x">x</a>');
    const event = new MouseEvent('click', { bubbles: true, cancelable: true, button: 0 });
    document.querySelector('a')?.setAttribute('href', '/studio');
    document.querySelector('a')?.addEventListener('click', (seen) => expect(seen.defaultPrevented).toBe(false));
    document.querySelector('a')?.dispatchEvent(event);
    expect(shownName(router)).toBe('/');
  });
});
