/** Every page of the site and its address, one table. */
import { Router, type Route } from './lib/router.svelte';
import Home from './pages/Home.svelte';
import Login from './pages/Login.svelte';

// The two pages most visits begin with come with the site itself; each other page is fetched when it is first asked for.
const here = <T>(page: T) => Promise.resolve({ default: page });

export const routes: readonly Route[] = [
  { pattern: '/', load: () => here(Home) },
  { pattern: '/login', load: () => here(Login) },
  { pattern: '/signup', load: () => import('./pages/SignUp.svelte') },
  { pattern: '/activate', load: () => import('./pages/Activate.svelte') },
  { pattern: '/reset', load: () => import('./pages/Reset.svelte') },
  { pattern: '/watch/:slug', load: () => import('./pages/Watch.svelte') },
  { pattern: '/watch/:slug/archive', load: () => import('./pages/Archive.svelte') },
  { pattern: '/clip/:id', load: () => import('./pages/Clip.svelte') },
  { pattern: '/embed/:id', bare: true, load: () => import('./pages/Embed.svelte') },
  { pattern: '/studio', needs: 'account', load: () => import('./pages/Studio.svelte') },
  { pattern: '/studio/:slug', needs: 'account', load: () => import('./pages/StudioChannel.svelte') },
  { pattern: '/account', needs: 'account', load: () => import('./pages/Account.svelte') },
  { pattern: '/account/clips', needs: 'account', load: () => import('./pages/MyClips.svelte') },
  { pattern: '/admin/accounts', needs: 'administrator', load: () => import('./pages/admin/Accounts.svelte') },
  { pattern: '/admin/channels', needs: 'administrator', load: () => import('./pages/admin/Channels.svelte') },
  { pattern: '/admin/clips', needs: 'administrator', load: () => import('./pages/admin/Clips.svelte') },
  { pattern: '/admin/storage', needs: 'administrator', load: () => import('./pages/admin/Storage.svelte') },
  { pattern: '/admin/sessions', needs: 'administrator', load: () => import('./pages/admin/Sessions.svelte') },
];

export const router = new Router(routes, () => import('./pages/NotFound.svelte'));
