/** Addresses of the site: what they ask for, and which of them are its own. Pure, but for the page's own origin. */

export type Params = Readonly<Record<string, string>>;

/** The first route that a path fits, with its parameters decoded. */
export function match<R extends { pattern: string }>(
  routes: readonly R[],
  path: string,
): { route: R; params: Params } | null {
  for (const route of routes) {
    const params = fit(segments(route.pattern), segments(path));
    if (params) return { route, params };
  }
  return null;
}

/**
 * An address to go to after signing in, as a link brought it: only a path of this site, so that nobody can be sent
 * elsewhere by a link to our login page.
 */
export function safeReturn(address: string | null): string {
  if (address === null || !address.startsWith('/')) return '/';
  const url = new URL(address, location.origin);
  return url.origin === location.origin && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}

/** The address on this site that a click asks for; null when the click is the browser's own business. */
export function linkInside(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || !link.hasAttribute('href')) return null;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || outsideTheSite(url.pathname)) return null;
  const sameDocument = url.pathname === location.pathname && url.search === location.search;
  return sameDocument && url.hash ? null : url.pathname + url.search;
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function fit(pattern: string[], path: string[]): Params | null {
  if (pattern.length !== path.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const given = decode(path[at] ?? '');
    if (given === null) return null;
    if (part.startsWith(':')) params[part.slice(1)] = given;
    else if (part !== given) return null;
  }
  return params;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** Addresses on this host that are not pages of the site. */
function outsideTheSite(path: string): boolean {
  return /^\/(api|live|clips|ws|healthz|readyz|metrics)(\/|$)/.test(path);
}
