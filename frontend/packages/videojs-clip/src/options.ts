/** What a site tells the plugin, and what of Video.js the plugin uses. */
import type { ClipClock } from './clock';
import type { Storyboard } from './storyboard';
import type { Clip, ClipTransport, Mode } from './transport';

/** Why clips cannot be made here by this person, and what to do about it. */
export interface Refusal {
  text: string;
  action?: { label: string; href: string };
}

export interface Limits {
  /** The longest clip, in seconds. */
  max_s: number;
  /** The shortest, in seconds; 1 when absent. */
  min_s?: number;
  /** How far ahead of live a clip may end, in seconds; 30 when absent. */
  ahead_s?: number;
}

export interface ClipOptions {
  limits: Limits;
  /** Who makes clips: functions, or the address of Sluice's API. */
  transport: ClipTransport | ({ api: string; channel: string } & Pick<ClipTransport, 'watch'>);
  /** The wall clock of what plays. */
  clock: ClipClock;
  /** Where the panel goes, beside the player; over the picture when absent, and in full screen. */
  host?: HTMLElement | null;
  /** How much lies between the markers at first, in seconds; 30 when absent. */
  suggest_s?: number;
  /** What is chosen at first; `accurate` when absent. */
  mode?: Mode;
  /** Asked each time before markers can be set; null means that nothing stands against it. */
  refusal?: () => Refusal | null;
  /** Thumbnails for under the pointer. */
  storyboard?: Storyboard | null;
  /** Markers can be set now. */
  onopen?: () => void;
  /** The viewer has left. `moved`: the picture was moved away from where it was. */
  onclose?: (left: { moved: boolean }) => void;
  /** Whoever makes clips has taken one on; told also when the viewer has left meanwhile. */
  onasked?: (clip: Clip) => void;
}

/** The part of a Video.js player that is used. */
export interface Player {
  el(): Element;
  currentTime(): number | undefined;
  currentTime(time_s: number): unknown;
  paused(): boolean;
  play(): Promise<void> | undefined;
  pause(): unknown;
  isFullscreen(): boolean | undefined;
  on(event: string | string[], listener: () => void): void;
  off(event: string | string[], listener: () => void): void;
  addClass(name: string): void;
  removeClass(name: string): void;
}
