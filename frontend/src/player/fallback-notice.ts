/** Says that playback has become smooth because of stalls, to eyes and to screen readers, and offers the way back. */
import { button, Component } from './components';
import { LATENCY_EVENT, latencyOf } from './latency';
import { type Player, videojs } from './shell';

/** It stays in view for this long; then it comes and goes with the controls. */
const FRESH_MS = 12_000;

export class FallbackNotice extends Component {
  #shown = false;
  #timer = 0;

  constructor(player: Player, options?: object) {
    super(player, options);
    this.on(player, LATENCY_EVENT, () => this.#update());
  }

  /** Called by Video.js in the constructor. A live region must be there before it speaks. */
  override createEl(): HTMLElement {
    return videojs.dom.createEl('div', { className: 'sluice-notice' }, { role: 'status' }) as HTMLElement;
  }

  #update(): void {
    const fellBack = latencyOf(this.player())?.fellBack ?? false;
    if (fellBack === this.#shown) return;
    this.#shown = fellBack;
    this.clearTimeout(this.#timer);
    if (fellBack) this.#say();
    else this.#clear();
  }

  #say(): void {
    const words = document.createElement('p');
    words.textContent = 'The picture kept stalling, so it now plays smoothly, some seconds further behind live.';
    const back = button('sluice-act', { text: 'Back to low latency' }, () =>
      latencyOf(this.player())?.choose('low-latency'),
    );
    const close = button('sluice-close sluice-icon', { name: 'Close this notice' }, () => this.#clear());
    const notice = document.createElement('div');
    notice.append(words, back, close);
    this.el().replaceChildren(notice);
    this.addClass('sluice-fresh');
    this.#timer = this.setTimeout(() => this.removeClass('sluice-fresh'), FRESH_MS);
  }

  #clear(): void {
    const inside = this.el().contains(document.activeElement);
    this.el().replaceChildren();
    if (inside) this.player().el().querySelector<HTMLElement>('.vjs-play-control')?.focus();
  }
}

videojs.registerComponent('FallbackNotice', FallbackNotice as never);
