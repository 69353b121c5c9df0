/** Which frame is on the screen, and how long frames last, by what the browser presents. */

/** Until frames were seen: the commonest rate of a live show. */
const UNKNOWN_MS = 1_000 / 30;
/** No show has frames that are shorter or longer. */
const [LEAST_MS, MOST_MS] = [4, 250];
const SAMPLES = 60;
/** Of the lengths seen, from the shortest on, the one that is taken for true: a browser that is busy leaves frames out. */
const SHARE = 0.1;
/** So many frames may have gone by before the page is told of one. */
const LATE = 4;

/** The media time of the newest frame; follows a video element until `dispose`. */
export class Frames {
  /** When the newest frame is shown in the media, in seconds; null before one was seen. */
  shown_s: number | null = null;
  #lengths: number[] = [];
  #handle = 0;
  #last: VideoFrameCallbackMetadata | null = null;
  readonly #video: HTMLVideoElement;
  readonly #onframe: () => void;

  constructor(video: HTMLVideoElement, onframe: () => void = () => undefined) {
    this.#video = video;
    this.#onframe = onframe;
    this.#next();
  }

  /** How long a frame lasts, in milliseconds. */
  get length_ms(): number {
    const sorted = [...this.#lengths].sort((one, other) => one - other);
    const shortest_ms = sorted[Math.floor(sorted.length * SHARE)] ?? UNKNOWN_MS;
    // Timestamps may be whole milliseconds: the mean of such frames is nearer to the truth than any of them.
    const alike = sorted.filter((length_ms) => Math.abs(length_ms - shortest_ms) < 1.5);
    return alike.length > 0 ? alike.reduce((sum, length_ms) => sum + length_ms, 0) / alike.length : shortest_ms;
  }

  /** Where the picture is: the beginning of the frame that is shown, or, while it moves, as good as that. */
  get at_s(): number {
    const { currentTime, seeking, paused } = this.#video;
    const into_ms = (currentTime - (this.shown_s ?? Infinity)) * 1_000;
    // What moves is told of late. What rests is another frame as soon as it has lasted: the next is not told of yet.
    const lasts_ms = this.length_ms * (paused ? 1 : LATE);
    return into_ms > -1 && into_ms < lasts_ms && !seeking ? (this.shown_s as number) : currentTime;
  }

  /** When the frame begins that rests on the screen, in seconds; null while it moves, or where nobody knows. */
  get rests_s(): number | null {
    const { at_s } = this;
    return this.#video.paused && at_s === this.shown_s ? at_s : null;
  }

  dispose(): void {
    this.#video.cancelVideoFrameCallback?.(this.#handle);
  }

  #next(): void {
    // Older browsers lack it: then the media's clock has to do.
    this.#handle = this.#video.requestVideoFrameCallback?.((_, frame) => this.#take(frame)) ?? 0;
  }

  #take(frame: VideoFrameCallbackMetadata): void {
    const last = this.#last;
    this.#last = frame;
    this.shown_s = frame.mediaTime;
    if (last) {
      const length_ms = ((frame.mediaTime - last.mediaTime) * 1_000) / (frame.presentedFrames - last.presentedFrames);
      if (length_ms >= LEAST_MS && length_ms <= MOST_MS)
        this.#lengths = [...this.#lengths.slice(1 - SAMPLES), length_ms];
    }
    this.#onframe();
    this.#next();
  }
}
