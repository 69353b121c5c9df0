/** Video.js's way back to live, for a player that also plays the past; and the wall clock beside it. */
import { Component } from './components';
import { REWIND_EVENT, rewindOf } from './rewind';
import { type Player, videojs } from './shell';

interface SeekToLiveLike {
  updateLiveEdgeStatus(): void;
  handleClick(): void;
  on(target: unknown, events: string[], listener: () => void): void;
  toggleClass(name: string, yes: boolean): void;
  player(): Player;
}

const SeekToLive = videojs.getComponent('SeekToLive') as unknown as new (
  player: Player,
  options?: object,
) => SeekToLiveLike;

/** The way back to live, whichever playlist plays. Hidden while there is no show. */
class LiveButton extends SeekToLive {
  constructor(player: Player, options?: object) {
    super(player, options);
    this.on(player, [REWIND_EVENT, 'loadstart'], () => this.updateLiveEdgeStatus());
  }

  override updateLiveEdgeStatus(): void {
    super.updateLiveEdgeStatus();
    const rewind = rewindOf(this.player());
    this.toggleClass('sluice-no-live', rewind?.hasLive === false);
    if (!rewind?.rewinding) return;
    const button = this as unknown as {
      setAttribute(name: string, value: string): void;
      controlText(text: string): void;
    };
    button.setAttribute('aria-disabled', 'false');
    button.controlText('Go to live');
    this.toggleClass('vjs-at-live-edge', false);
  }

  override handleClick(): void {
    const rewind = rewindOf(this.player());
    if (rewind?.rewinding) rewind.goLive();
    else super.handleClick();
  }
}

/** The wall clock of the picture. */
class WallClock extends Component {
  constructor(player: Player, options?: object) {
    super(player, options);
    this.on(player, ['timeupdate', 'seeking', 'loadstart', REWIND_EVENT], () => this.#update());
  }

  override createEl(): HTMLElement {
    return videojs.dom.createEl('time', { className: 'sluice-clock vjs-control' }) as HTMLElement;
  }

  #update(): void {
    const clock_ms = rewindOf(this.player())?.clock_ms ?? null;
    const words = clock_ms === null ? '' : FORMAT.format(clock_ms);
    if (this.el().textContent !== words) this.el().textContent = words;
  }
}

const FORMAT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

videojs.registerComponent('SeekToLive', LiveButton as never);
videojs.registerComponent('WallClock', WallClock as never);
