/**
 * Which page is shown: the address bar matched against the table in routes.ts.
 *
 * A click on an ordinary link to a page of the site comes here instead of reloading. The old page stays until the new
 * one is loaded; then the focus goes to its heading, and the view to its top or back to where the reader had been.
 */
import { type Component, tick } from 'svelte';

import { linkInside, match, type Params } from './addresses';

export type { Params };

/** A page takes the parameters of its address, or nothing. */
export type PageComponent = Component<{ params: Params }>;
type AnyPage = PageComponent | Component<Record<string, never>>;

export interface Route {
  /** `/watch/:slug`: a segment that begins with a colon is a parameter. */
  pattern: string;
  /** Who may see it; everyone when absent. */
  needs?: 'account' | 'administrator';
  /** Nothing of the site stands around it: it is shown inside other pages. */
  bare?: true;
  load: () => Promise<{ default: AnyPage }>;
}

export interface Shown {
  route: Route | null;
  page: PageComponent;
  params: Params;
  /** The address, search included, without the origin. */
  address: string;
}

export class Router {
  shown = $state.raw<Shown | null>(null);
  /** A page's code could not be fetched. */
  broken = $state(false);

  readonly #routes: readonly Route[];
  readonly #notFound: Route['load'];
  #visit = 0;

  constructor(routes: readonly Route[], notFound: Route['load']) {
    this.#routes = routes;
    this.#notFound = notFound;
  }

  /** Follows the address bar and the links until the returned function is called. */
  start(): () => void {
    const onclick = (event: MouseEvent) => this.#onclick(event);
    const onpopstate = () => void this.#show('back');
    history.scrollRestoration = 'manual';
    document.addEventListener('click', onclick);
    addEventListener('popstate', onpopstate);
    void this.#show('first');
    return () => {
      document.removeEventListener('click', onclick);
      removeEventListener('popstate', onpopstate);
    };
  }

  /** Goes to an address of the site; `replace` leaves no entry in the history. */
  async go(address: string, how: { replace?: boolean } = {}): Promise<void> {
    history.replaceState({ ...history.state, scroll: scrollY }, '');
    history[how.replace ? 'replaceState' : 'pushState']({}, '', address);
    await this.#show('forward');
  }

  /** Shows the page for the address bar as it stands: after a failed load, or when a login has changed. */
  async retry(): Promise<void> {
    await this.#show('first');
  }

  async #show(way: 'first' | 'forward' | 'back'): Promise<void> {
    const visit = ++this.#visit;
    const { pathname, search } = location;
    const found = match(this.#routes, pathname);
    try {
      const { default: page } = await (found?.route.load ?? this.#notFound)();
      if (visit !== this.#visit) return;
      this.shown = {
        route: found?.route ?? null,
        page: page as PageComponent,
        params: found?.params ?? {},
        address: pathname + search,
      };
      this.broken = false;
    } catch {
      // A new version of the site was put in place, and the old one's files are gone; or the network is.
      if (visit === this.#visit) this.broken = true;
      return;
    }
    if (way !== 'first') await this.#arrive(way === 'back');
  }

  async #arrive(back: boolean): Promise<void> {
    await tick();
    const scroll: unknown = back ? history.state?.scroll : 0;
    scrollTo(0, typeof scroll === 'number' ? scroll : 0);
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }

  #onclick(event: MouseEvent): void {
    const address = linkInside(event);
    if (address === null) return;
    event.preventDefault();
    void this.go(address);
  }
}
