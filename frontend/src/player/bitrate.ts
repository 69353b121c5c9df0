/** The bitrate of the media that arrived of late, as it is and not as a playlist declares it. Pure. */

/** Long enough to hold a keyframe or several, short enough to follow the show. */
const WINDOW_S = 10;

interface Piece {
  bytes: number;
  duration_s: number;
}

export class BitrateMeter {
  #pieces: Piece[] = [];
  #total: Piece = { bytes: 0, duration_s: 0 };

  /** A segment or a part of one has arrived. */
  add(bytes: number, duration_s: number): void {
    if (!(duration_s > 0)) return;
    this.#pieces.push({ bytes, duration_s });
    this.#count({ bytes, duration_s }, 1);
    let oldest = this.#pieces[0];
    while (oldest && this.#total.duration_s - oldest.duration_s >= WINDOW_S) {
      this.#pieces.shift();
      this.#count(oldest, -1);
      oldest = this.#pieces[0];
    }
  }

  /** Bits per second of media; null before anything has arrived. */
  get bps(): number | null {
    return this.#pieces.length > 0 ? (this.#total.bytes * 8) / this.#total.duration_s : null;
  }

  #count(piece: Piece, sign: 1 | -1): void {
    this.#total.bytes += sign * piece.bytes;
    this.#total.duration_s += sign * piece.duration_s;
  }
}
