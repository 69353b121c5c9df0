/** Leads the picture: plays what lies between the markers again and again, or holds a frame that was asked for. */
import type { Markers } from './markers';
import type { Player } from './options';

export interface PreviewActs {
  now_ms(): number | null;
  /** What can be played of the clip; null while nothing can. */
  markers(): Markers | null;
  show(moment_ms: number): void;
  onchange(): void;
}

/** What does not arrive in this time, which is enough to fetch a playlist and a segment, is not on its way any more. */
const ON_ITS_WAY_MS = 20_000;
/** So far before the in marker, the picture is not on its way from a seek any more: somebody went elsewhere. */
const ASTRAY_MS = 2_000;

export class Preview {
  /** It plays between the markers. */
  on = false;
  /** Where the picture is on its way to; null while it is where it is. */
  goal_ms: number | null = null;
  /** The picture is to stand still once it is there. */
  #still = false;
  /** What plays is another source than before, which begins to play by itself. */
  #switched = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #player: Player;
  readonly #acts: PreviewActs;

  constructor(player: Player, acts: PreviewActs) {
    this.#player = player;
    this.#acts = acts;
    player.on('loadstart', this.#onloadstart);
    player.on('seeked', this.#onseeked);
    player.on('playing', this.#onplaying);
    player.on('timeupdate', this.#ontime);
  }

  toggle(): void {
    if (this.on) {
      this.stop();
      this.#player.pause();
      return;
    }
    const markers = this.#acts.markers();
    if (!markers) return;
    this.on = true;
    this.#still = false;
    this.#again(markers);
    void this.#player.play()?.catch(() => undefined);
    this.#acts.onchange();
  }

  /** Plays on from where it is, past the out marker. */
  stop(): void {
    if (!this.on) return;
    this.on = false;
    this.#acts.onchange();
  }

  /** The picture of a moment is about to be asked for, and is to stand still. */
  still(moment_ms: number): void {
    this.#still = true;
    this.#player.pause();
    this.#head(moment_ms);
  }

  /** Nothing leads the picture any more: somebody plays it. */
  get isLeft(): boolean {
    return this.goal_ms === null && !this.#still && !this.#player.paused();
  }

  /** Called with every frame: the one after the last begins anew. */
  watch(): void {
    const markers = this.on && this.goal_ms === null ? this.#acts.markers() : null;
    const now_ms = this.#acts.now_ms();
    if (!markers || now_ms === null) return;
    if (now_ms >= markers.out_ms || now_ms < markers.in_ms - ASTRAY_MS) this.#again(markers);
  }

  dispose(): void {
    this.on = false;
    clearTimeout(this.#timer);
    this.#player.off('loadstart', this.#onloadstart);
    this.#player.off('seeked', this.#onseeked);
    this.#player.off('playing', this.#onplaying);
    this.#player.off('timeupdate', this.#ontime);
  }

  #again({ in_ms }: Markers): void {
    this.#head(in_ms);
    this.#acts.show(in_ms);
  }

  #head(moment_ms: number): void {
    this.goal_ms = moment_ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#arrived(), ON_ITS_WAY_MS);
  }

  #arrived(): void {
    clearTimeout(this.#timer);
    this.goal_ms = null;
    this.#still = false;
    this.#switched = false;
  }

  readonly #ontime = () => this.watch();

  readonly #onloadstart = () => {
    this.#switched = true;
  };

  readonly #onseeked = () => {
    // Another source seeks to where it begins, and only then plays by itself; unless nobody lets it.
    if (this.#switched && !this.#player.paused()) this.goal_ms = null;
    else this.#arrived();
    this.#acts.onchange();
  };

  readonly #onplaying = () => {
    if (this.#switched && this.#still) this.#player.pause();
    this.#arrived();
  };
}
