/** What a media element knows of itself. */

/** Seconds buffered ahead of where the element plays; 0 where nothing is. */
export function bufferAhead_s({ buffered, currentTime }: Pick<HTMLMediaElement, 'buffered' | 'currentTime'>): number {
  for (let at = 0; at < buffered.length; at += 1) {
    // Timestamps of pictures and sound do not begin at quite the same moment.
    if (buffered.start(at) <= currentTime + 0.1 && currentTime < buffered.end(at))
      return buffered.end(at) - currentTime;
  }
  return 0;
}
