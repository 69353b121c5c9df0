/**
 * Video.js's component classes, with the types that its declarations lack: those are made from comments and lose them;
 * and what the components here share.
 */
import { type Player, videojs } from './shell';

interface ComponentLike {
  player(): Player;
  el(): HTMLElement;
  createEl(): HTMLElement;
  on(target: unknown, events: string | string[], listener: (event: Event) => void): void;
  setInterval(work: () => void, every_ms: number): number;
  clearInterval(id: number): void;
  setTimeout(work: () => void, after_ms: number): number;
  clearTimeout(id: number): void;
  addClass(name: string): void;
  removeClass(name: string): void;
  hide(): void;
  show(): void;
  dispose(): void;
}

interface MenuButtonLike extends ComponentLike {
  /** The menu is open, and stays so. */
  readonly buttonPressed_: boolean;
  readonly menu: { focus(item: number): void };
  pressButton(): void;
  unpressButton(): void;
  controlText(text: string): void;
  update(): void;
  buildWrapperCSSClass(): string;
  focus(): void;
}

interface MenuItemLike extends ComponentLike {
  selected(yes: boolean): void;
  handleClick(event: Event): void;
}

type Class<T> = new (player: Player, options?: object) => T;

export const Component = videojs.getComponent('Component') as unknown as Class<ComponentLike>;
export const MenuButton = videojs.getComponent('MenuButton') as unknown as Class<MenuButtonLike>;
export const MenuItem = videojs.getComponent('MenuItem') as unknown as Class<MenuItemLike>;

/** A plain button inside the player. Its keys are its own: to the player, the space bar means pause. */
export function button(className: string, label: { text: string } | { name: string }, act: () => void): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = className;
  if ('text' in label) button.textContent = label.text;
  else button.setAttribute('aria-label', label.name);
  button.addEventListener('click', act);
  button.addEventListener('keydown', (event) => {
    if (event.key === ' ' || event.key === 'Enter') event.stopPropagation();
  });
  return button;
}
