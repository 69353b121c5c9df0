/** The plugin as Video.js knows it: a button in the control bar, and `Clipping` behind it. */
import { element, set } from './dom';
import { Clipping } from './clipping';
import { icon } from './icons';
import type { Markers, Which } from './markers';
import type { ClipOptions, Player } from './options';

/** The part of Video.js that is used; the namespace itself is passed in, so that there is but one. */
export interface VideoJs {
  getPlugin(name: string): unknown;
  registerPlugin(name: string, plugin: never): unknown;
}

/** What `player.clip(options)` answers, and `player.clip()` from then on. */
export interface ClipPlugin {
  /** The panel is shown. */
  readonly open: boolean;
  /** Where the markers stand, in milliseconds since 1970; null while none do. */
  readonly markers: Markers | null;
  /** Shows the panel. */
  show(): void;
  /** Takes it away. */
  leave(): void;
  /** Puts a marker where the picture is. */
  mark(which: Which): void;
  /** Takes everything back that the plugin has added. */
  dispose(): void;
}

type Base = new (player: Player) => { player: Player; dispose(): void };

/** In front of these in the control bar, the first that is there. */
const BEHIND = '.vjs-picture-in-picture-control, .vjs-fullscreen-control';

/** Makes `player.clip(options)` known to a Video.js. Doing so twice does no harm. */
export function registerClip(videojs: VideoJs): void {
  if (videojs.getPlugin('clip')) return;
  const Plugin = videojs.getPlugin('plugin') as Base;

  class Clip extends Plugin implements ClipPlugin {
    readonly #clipping: Clipping;
    readonly #button: HTMLElement;

    constructor(player: Player, options: ClipOptions) {
      super(player);
      this.#button = clipButton(() => this.#toggle());
      this.#clipping = new Clipping(player, options, (open) => set(this.#button, 'aria-expanded', String(open)));
      const bar = player.el().querySelector('.vjs-control-bar');
      bar?.insertBefore(this.#button, bar.querySelector(BEHIND));
    }

    get open(): boolean {
      return this.#clipping.open;
    }

    get markers(): Markers | null {
      return this.#clipping.markers;
    }

    show(): void {
      this.#clipping.show();
    }

    leave(): void {
      this.#clipping.leave();
    }

    mark(which: Which): void {
      this.#clipping.mark(which);
    }

    /** Also called by Video.js when the player goes. */
    override dispose(): void {
      this.#clipping.dispose();
      this.#button.remove();
      super.dispose();
    }

    #toggle(): void {
      if (this.open) this.#clipping.leave();
      else this.#clipping.showFocused();
    }
  }

  videojs.registerPlugin('clip', Clip as never);
}

/** A plain button: its keys are its own, since to the player the space bar means pause. */
function clipButton(act: () => void): HTMLElement {
  const attributes = { 'aria-expanded': 'false', 'aria-keyshortcuts': 'C', title: 'Make a clip (C)' };
  const text = element('span', { class: 'vjs-control-text' }, 'Make a clip');
  const made = element(
    'button',
    { type: 'button', class: 'vjs-clip-control vjs-control vjs-button', ...attributes },
    icon('scissors', 20),
    text,
  );
  made.addEventListener('click', act);
  made.addEventListener('keydown', (event) => {
    if (event.key === ' ' || event.key === 'Enter') event.stopPropagation();
  });
  return made;
}
