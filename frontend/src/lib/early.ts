/** The answer that public/early.js asked for before the site's own code was there. */

declare global {
  interface Window {
    sluiceEarly?: { path: string; answer: Promise<Response> };
  }
}

/** The answer to a GET of this path, if it was asked for; it is given once, since the next reader wants a newer one. */
export function takeEarly(path: string): Promise<Response> | null {
  const early = window.sluiceEarly;
  if (early?.path !== path) return null;
  delete window.sluiceEarly;
  return early.answer;
}
