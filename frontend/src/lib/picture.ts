/** Pictures that are shown only once they are there. */

/** Whoever waits for a picture shows and fetches no other meanwhile. */
const TIMEOUT_MS = 10_000;

/** Fetches a picture so that it can be shown at once; rejects where there is none, or it does not come. */
export async function fetchPicture(url: string): Promise<void> {
  const picture = new Image();
  picture.src = url;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`does not come: ${url}`)), TIMEOUT_MS);
  });
  await Promise.race([picture.decode(), late]).finally(() => clearTimeout(timer));
}

/** Does something while an element is in sight: `begin` is called when it comes, and what it returns when it goes. */
export function whileSeen(element: Element, begin: () => () => void): () => void {
  let end: (() => void) | null = null;
  const observer = new IntersectionObserver((entries) => {
    const seen = entries.at(-1)?.isIntersecting === true;
    if (seen) end ??= begin();
    else [end] = [null, end?.()];
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
    end?.();
  };
}

/** The address of a picture as it is in this stretch of time; the same for all who ask in it, so that caches can help. */
export function asOf(url: string, now_ms: number, every_ms: number): string {
  return `${url}${url.includes('?') ? '&' : '?'}at=${Math.floor(now_ms / every_ms)}`;
}
