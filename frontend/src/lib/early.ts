/** The answers that public/early.js asked for before the site's own code was there. */

/** A playlist that has come; times are those of `performance.now()`, in milliseconds. */
export interface EarlyPlaylist {
  text: string;
  /** Where it was found in the end. */
  url: string;
  start: number;
  first: number;
  end: number;
}

declare global {
  interface Window {
    sluiceEarly?: {
      path?: string;
      answer: Promise<Response>;
      /** By the address that was asked. */
      playlists: Map<string, Promise<EarlyPlaylist>>;
    };
  }
}

/** The answer to a GET of this path, if it was asked for; it is given once, since the next reader wants a newer one. */
export function takeEarly(path: string): Promise<Response> | null {
  const early = window.sluiceEarly;
  if (early?.path !== path) return null;
  delete early.path;
  return early.answer;
}

/** The playlist at this address, if it was asked for; given once. Fails when it did not come. */
export function takeEarlyPlaylist(url: string): Promise<EarlyPlaylist> | null {
  const early = window.sluiceEarly?.playlists;
  const playlist = early?.get(url) ?? null;
  early?.delete(url);
  return playlist;
}
