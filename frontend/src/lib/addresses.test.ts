import { beforeEach, describe, expect, it } from 'vitest';

import { linkInside, match, safeReturn } from './addresses';

const routes = [{ pattern: '/' }, { pattern: '/studio' }, { pattern: '/studio/:slug' }, { pattern: '/admin/accounts' }];

describe('the table of pages', () => {
  it.each([
    ['/', '/', {}],
    ['/studio', '/studio', {}],
    ['/studio/', '/studio', {}],
    ['/studio/stage-north', '/studio/:slug', { slug: 'stage-north' }],
    ['/studio/a%2Fb', '/studio/:slug', { slug: 'a/b' }],
  ])('finds the page of %s', (path, pattern, params) => {
    expect(match(routes, path)).toEqual({ route: { pattern }, params });
  });

  it.each(['/nowhere', '/studio/a/b', '/Studio', '/studio/%E0%A4%A'])('has no page for %s', (path) => {
    expect(match(routes, path)).toBeNull();
  });
});

describe('where a login leads back to', () => {
  it.each([
    ['/studio/stage-north?tab=keys', '/studio/stage-north?tab=keys'],
    ['/', '/'],
  ])('is %s when the link says so', (given, expected) => {
    expect(safeReturn(given)).toBe(expected);
  });

  it.each([
    null,
    '',
    'studio',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])('is never another site: %s', (given) => {
    const back = safeReturn(given);
    expect(new URL(back, location.origin).origin).toBe(location.origin);
    expect(back.startsWith('/')).toBe(true);
    expect(back.startsWith('//')).toBe(false);
  });
});

describe('a click on a link', () => {
  beforeEach(() => {
    document.body.innerHTML = '';
    history.replaceState({}, '', '/studio');
  });

  function click(html: string, init: MouseEventInit = {}): string | null {
    document.body.innerHTML = html;
    const event = new MouseEvent('click', { bubbles: true, cancelable: true, button: 0, ...init });
    let answer: string | null = null;
    const judge = (seen: Event) => {
      answer = linkInside(seen as MouseEvent);
      // The test's own window stays where it is.
      seen.preventDefault();
    };
    document.body.addEventListener('click', judge, { once: true });
    document.querySelector('a, a > span')?.dispatchEvent(event);
    return answer;
  }

  it('stays in the site for its own pages, search included', () => {
    expect(click('<a href="/watch/ab?t=1">x</a>')).toBe('/watch/ab?t=1');
  });

  it.each([
    ['another site', '<a href="https://example.org/">x</a>', {}],
    ['a new window', '<a href="/watch/ab" target="_blank">x</a>', {}],
    ['a download', '<a href="/watch/ab" download>x</a>', {}],
    ['the API', '<a href="/api/docs">x</a>', {}],
    ['a playlist', '<a href="/live/ab/index.m3u8">x</a>', {}],
    ['a place on the same page', '<a href="#main">x</a>', {}],
    ['a click for a new tab', '<a href="/watch/ab">x</a>', { ctrlKey: true }],
    ['a middle click', '<a href="/watch/ab">x</a>', { button: 1 }],
  ])('is left to the browser for %s', (_, html, init) => {
    expect(click(html, init)).toBeNull();
  });
});
