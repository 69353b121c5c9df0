/** The player's settings: how close to live, which rendition where there are several, and the statistics panel. */
import { MenuButton, MenuItem } from './components';
import { LATENCY_EVENT, latencyOf } from './latency';
import type { Mode } from './mode';
import { type Player, sourceOf, videojs } from './shell';
import { QUALITY_EVENT, type Quality } from './source-handler';
import { panelOf, STATISTICS_EVENT, STATISTICS_KEY } from './statistics-panel';

/** One line of the menu. */
interface Setting {
  label: string;
  /** Said smaller, beside the label. */
  hint?: string;
  /** The key that does the same. */
  key?: string;
  selected: boolean;
  /** It can be on beside others; else it is one of several. */
  several?: boolean;
  /** The first of a group. */
  first?: boolean;
  act: () => void;
}

class SettingItem extends MenuItem {
  readonly label: string;
  readonly #act: () => void;

  constructor(player: Player, { label, hint, key, selected, several = false, first = false, act }: Setting) {
    super(player, { label, selectable: true, multiSelectable: several, selected });
    this.label = label;
    this.#act = act;
    if (first) this.addClass('sluice-first');
    if (hint) this.el().append(videojs.dom.createEl('span', { className: 'sluice-hint', textContent: hint }));
    if (key) {
      this.el().setAttribute('aria-keyshortcuts', key);
      this.el().append(videojs.dom.createEl('kbd', { textContent: key }, { 'aria-hidden': 'true' }));
    }
  }

  override handleClick(): void {
    this.#act();
  }
}

class SettingsMenu extends MenuButton {
  declare items?: SettingItem[];

  constructor(player: Player, options?: object) {
    super(player, options);
    this.controlText('Settings');
    this.on(player, ['loadstart', QUALITY_EVENT, LATENCY_EVENT, STATISTICS_EVENT], () => this.update());
    this.on(this, 'keydown', (event) => this.#onkeydown(event as KeyboardEvent));
  }

  override buildWrapperCSSClass(): string {
    return `sluice-settings ${super.buildWrapperCSSClass()}`;
  }

  /**
   * Makes the items anew, under the hands of whoever has the menu open: it stays open, with the focus where it was.
   * Video.js would close it.
   */
  override update(): void {
    const focused = document.activeElement;
    const inside = this.el().contains(focused);
    const at = (this.items ?? []).findIndex((item) => item.el() === focused);
    const label = this.items?.[at]?.label;
    const pressed = this.buttonPressed_;
    super.update();
    if (pressed) this.pressButton();
    if (!inside) return;
    const again = this.items?.findIndex((item) => item.label === label) ?? -1;
    if (pressed && at >= 0) this.menu.focus(again >= 0 ? again : at);
    else this.focus();
  }

  /** Called by Video.js, in the constructor above all. */
  createItems(): SettingItem[] {
    const player = this.player();
    const settings = [...latencies(player), ...qualities(player), ...statistics(player)];
    return settings.map((setting) => new SettingItem(player, { ...setting, act: () => this.#choose(setting) }));
  }

  /** Closes the menu first, with the focus in its button: the item that was chosen is gone when its act is done. */
  #choose({ act }: Setting): void {
    this.unpressButton();
    this.focus();
    act();
  }

  /** Video.js closes the menu on Escape, and forgets where the focus goes. */
  #onkeydown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.el().contains(document.activeElement)) return;
    event.preventDefault();
    event.stopPropagation();
    this.focus();
  }
}

videojs.registerComponent('SettingsMenu', SettingsMenu as never);

/** None where the browser plays by itself, and chooses by itself. */
function latencies(player: Player): Setting[] {
  const latency = latencyOf(player);
  if (!latency || !sourceOf(player)) return [];
  const item = (mode: Mode, label: string, hint: string): Setting => ({
    label,
    hint,
    selected: latency.mode === mode,
    act: () => latency.choose(mode),
  });
  return [item('low-latency', 'Low latency', 'close to live'), item('smooth', 'Smooth', 'some seconds behind')];
}

/** None while there is nothing to choose. */
function qualities(player: Player): Setting[] {
  const source = sourceOf(player);
  const qualities = source?.qualities ?? [];
  if (!source || qualities.length < 2) return [];
  const { chosen, playing } = source.quality;
  const auto = qualities.find((quality) => quality.index === playing);
  const item = (index: number | null, label: string): Setting => ({
    label,
    selected: chosen === index,
    first: index === null,
    act: () => source.choose(index),
  });
  return [
    item(null, auto ? `Auto (${name(auto)})` : 'Auto'),
    ...qualities.map((quality) => item(quality.index, name(quality))),
  ];
}

function statistics(player: Player): Setting[] {
  const panel = panelOf(player);
  if (!panel) return [];
  return [
    {
      label: 'Statistics',
      key: STATISTICS_KEY,
      selected: panel.open,
      several: true,
      first: true,
      act: () => panel.toggle(),
    },
  ];
}

function name(quality: Quality): string {
  return quality.height > 0 ? `${quality.height}p` : `${Math.round(quality.bitrate_bps / 1_000)} kb/s`;
}
