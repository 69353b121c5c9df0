/**
 * The past in browsers that play HLS by themselves: their media time is made into a wall clock by the playlist's text,
 * which is fetched once beside what the browser fetches.
 */
import { clockAt, type Segment } from '@sluice/videojs-clip/clock';

import { segmentsOf } from './listing';
import { type Place, placeOf } from './timeline';

export class NativeRewind {
  readonly #video: HTMLVideoElement;
  readonly #over = new AbortController();
  #segments: Segment[] = [];
  #goal_ms: number | null;

  /** Begins at a moment as soon as `video`, whose source `src` already is, and the playlist are there. */
  constructor(video: HTMLVideoElement, src: string, at_ms: number) {
    this.#video = video;
    this.#goal_ms = at_ms;
    const { signal } = this.#over;
    const known = new Promise((resolve) => video.addEventListener('loadedmetadata', resolve, { once: true, signal }));
    const text = fetch(src, { signal }).then((answer) => (answer.ok ? answer.text() : ''));
    void Promise.all([text, known]).then(
      ([playlist]) => this.#begin(playlist),
      // Without the list, the browser plays on from where it likes to.
      () => (this.#goal_ms = null),
    );
  }

  get clock_ms(): number | null {
    return this.#goal_ms ?? clockAt(this.#segments, this.#video.currentTime);
  }

  /** Goes to a moment, or to the next that was recorded; null when it is not listed. */
  seek(moment_ms: number): Place | null {
    const place = placeOf(this.#segments, moment_ms);
    if (!place || place.found === 'after') return null;
    this.#video.currentTime = place.time_s;
    return place;
  }

  dispose(): void {
    this.#over.abort();
  }

  #begin(playlist: string): void {
    const { seekable } = this.#video;
    this.#segments = segmentsOf(playlist, seekable.length > 0 ? seekable.start(0) : 0);
    if (this.#goal_ms !== null) this.seek(this.#goal_ms);
    this.#goal_ms = null;
  }
}
