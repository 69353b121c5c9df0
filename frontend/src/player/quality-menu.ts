/** The control that chooses a rendition. Hidden where there is nothing to choose. */
import { videojs, sourceOf, type Player } from './shell';
import { QUALITY_EVENT, type Quality } from './source-handler';

const MenuButton = videojs.getComponent('MenuButton') as unknown as MenuButtonClass;
const MenuItem = videojs.getComponent('MenuItem') as unknown as MenuItemClass;

// Video.js's own declarations are made from comments and lose the types of its component classes.
interface Component {
  player(): Player;
  on(target: unknown, events: string | string[], listener: () => void): void;
  controlText(text: string): void;
  hide(): void;
  show(): void;
}
interface MenuButtonClass {
  new (player: Player, options?: object): Component & { update(): void; buildCSSClass(): string };
}
interface MenuItemClass {
  new (player: Player, options: object): Component & { selected(yes: boolean): void; handleClick(event: Event): void };
}

class QualityItem extends MenuItem {
  readonly #index: number | null;

  constructor(player: Player, index: number | null, label: string, selected: boolean) {
    super(player, { label, selectable: true, multiSelectable: false, selected });
    this.#index = index;
  }

  override handleClick(): void {
    sourceOf(this.player())?.choose(this.#index);
  }
}

class QualityMenu extends MenuButton {
  constructor(player: Player, options?: object) {
    super(player, options);
    this.controlText('Quality');
    this.on(player, ['loadstart', QUALITY_EVENT], () => this.update());
    this.update();
  }

  override buildCSSClass(): string {
    return `vjs-quality ${super.buildCSSClass()}`;
  }

  /** Called by Video.js, in the constructor above all. */
  createItems(): QualityItem[] {
    const source = sourceOf(this.player());
    const qualities = source?.qualities ?? [];
    if (!source || qualities.length < 2) return [];
    const { chosen, playing } = source.quality;
    const auto = qualities.find((quality) => quality.index === playing);
    const own = qualities.map(
      (quality) => new QualityItem(this.player(), quality.index, name(quality), chosen === quality.index),
    );
    return [new QualityItem(this.player(), null, auto ? `Auto (${name(auto)})` : 'Auto', chosen === null), ...own];
  }
}

videojs.registerComponent('QualityMenu', QualityMenu as never);

function name(quality: Quality): string {
  return quality.height > 0 ? `${quality.height}p` : `${Math.round(quality.bitrate_bps / 1_000)} kb/s`;
}
