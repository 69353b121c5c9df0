/** The panel over the picture that says how playback stands. Opened by the menu or the key `s`, closed by Escape. */
import { button, Component } from './components';
import { latencyOf } from './latency';
import { type Player, rewindSourceOf, sourceOf, videojs } from './shell';
import { rows, statisticsOf } from './statistics';

/** A player's event: the panel was opened or closed. */
export const STATISTICS_EVENT = 'sluice-statistics';

export const STATISTICS_KEY = 's';

/** Often enough to be live, seldom enough to be read. */
const EVERY_MS = 1_000;

export class StatisticsPanel extends Component {
  #timer: number | null = null;
  /** Where the focus was before the panel took it. */
  #before: HTMLElement | null = null;

  constructor(player: Player, options?: object) {
    super(player, options);
    this.hide();
  }

  /** Called by Video.js in the constructor. */
  override createEl(): HTMLElement {
    const list = videojs.dom.createEl('dl') as HTMLElement;
    const close = button('sluice-close sluice-icon', { name: 'Close the statistics' }, () => this.toggle(false));
    const panel = videojs.dom.createEl(
      'div',
      { className: 'sluice-statistics' },
      { role: 'region', 'aria-label': 'Statistics' },
      [list, close] as never,
    );
    return panel as HTMLElement;
  }

  get open(): boolean {
    return this.#timer !== null;
  }

  toggle(open = !this.open): void {
    if (open === this.open) return;
    if (open) this.#show();
    else this.#close();
    this.player().trigger(STATISTICS_EVENT);
  }

  /** Takes a key that was pressed in the player; false leaves it to others. */
  take({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey) return false;
    const closes = key === 'Escape' && this.open;
    if (closes || key.toLowerCase() === STATISTICS_KEY) this.toggle();
    return closes || key.toLowerCase() === STATISTICS_KEY;
  }

  #show(): void {
    this.#before = document.activeElement as HTMLElement | null;
    this.#fill();
    this.#timer = this.setInterval(() => this.#fill(), EVERY_MS);
    this.show();
    this.el().querySelector('button')?.focus();
  }

  #close(): void {
    const inside = this.el().contains(document.activeElement);
    if (this.#timer !== null) this.clearInterval(this.#timer);
    this.#timer = null;
    this.hide();
    // The menu makes its items anew: the one that opened the panel is gone.
    const back = this.#before?.isConnected ? this.#before : this.player().el().querySelector('.sluice-settings button');
    if (inside) (back as HTMLElement | null)?.focus();
    this.#before = null;
  }

  #fill(): void {
    const player = this.player();
    const latency = latencyOf(player);
    const video = player.el().querySelector('video');
    const list = this.el().querySelector('dl');
    if (!latency || !video || !list) return;
    const now = rows(statisticsOf(video, sourceOf(player) ?? rewindSourceOf(player), latency));
    // The elements stay, so that whoever reads or selects them is not disturbed.
    while (list.children.length < now.length) list.append(row());
    now.forEach(([name, value], at) => {
      const [term, said] = list.children[at]?.children ?? [];
      if (term && term.textContent !== name) term.textContent = name;
      if (said && said.textContent !== value) said.textContent = value;
    });
  }
}

videojs.registerComponent('StatisticsPanel', StatisticsPanel as never);

/** The panel of a player; none before the player is complete. */
export function panelOf(player: Player): StatisticsPanel | undefined {
  return player.getChild('StatisticsPanel') as unknown as StatisticsPanel | undefined;
}

function row(): HTMLElement {
  const row = document.createElement('div');
  row.append(document.createElement('dt'), document.createElement('dd'));
  return row;
}
