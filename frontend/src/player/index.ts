/**
 * The live player: Video.js as shell, hls.js as engine. See README.md in this folder.
 *
 * Enter by `createLivePlayer`. It refuses to know channels, the API and the page around it.
 */
import 'video.js/dist/video-js.css';
import './skin.css';

import './fallback-notice';
import './live-button';
import './settings-menu';
import type { ClipSetup } from './clip';
import { LATENCY_EVENT, LatencyControl } from './latency';
import { type Mode, rememberedMode } from './mode';
import { REWIND_EVENT, RewindControl, rewindOf } from './rewind';
import { headStart, type Player, sourceOf, videojs } from './shell';
import { panelOf } from './statistics-panel';

/** How the picture stands. */
export type Phase = 'starting' | 'playing' | 'paused' | 'stalled' | 'over' | 'failed';

export interface LiveState {
  phase: Phase;
  /** Seconds behind the newest media; null while unknown. */
  behind_s: number | null;
  /** How close to live it plays. */
  mode: Mode;
  muted: boolean;
  /** It plays the past. */
  rewinding: boolean;
  /** The wall clock of the picture, in milliseconds since 1970; null while it is not known. */
  clock_ms: number | null;
  /** What to tell the viewer; null unless the phase is `failed`. */
  message: string | null;
}

export interface LiveOptions {
  /** What the player is called by assistive technology. */
  label: string;
  /** Begin without sound. */
  muted: boolean;
  /** Called with every change of the state, and about once a second while it plays. */
  onchange: (state: LiveState) => void;
  /** The present, in milliseconds since 1970, by the clock that the recordings go by. */
  now_ms?: () => number;
}

export interface LivePlayer {
  /**
   * Tells where live and the past are, without interrupting what plays; null where there is none. `closed`: the past is
   * one show that is over, and live comes after it.
   */
  setSources(sources: { live: string | null; past: string | null; closed?: boolean }): void;
  /** Plays from a moment of the past, in milliseconds since 1970, or from the next that was recorded. */
  seekToClock(moment_ms: number): void;
  /** Plays from the live edge. */
  goLive(): void;
  setMuted(muted: boolean): void;
  /** Lets the viewer cut clips, until the returned function is called. Brings the code for it. */
  offerClips(setup: ClipSetup): () => void;
  /** Removes the player from the page, with everything it started. */
  dispose(): void;
}

/**
 * Begins to load what a player will be given in a moment. Resolves when the engine has asked for what it needs first:
 * the shell, which takes a while to build, is better built then.
 */
export async function beginToLoad(url: string): Promise<void> {
  headStart.begin(url, rememberedMode());
  await new Promise((resolve) => setTimeout(resolve));
}

/** Puts a player into `host`, which holds nothing else. */
export function createLivePlayer(host: HTMLElement, options: LiveOptions): LivePlayer {
  const video = document.createElement('video-js');
  host.append(video);
  const player = videojs(video, shellOptions(options.muted));
  player.el().setAttribute('aria-label', options.label);
  const latency = new LatencyControl(player, () => sourceOf(player));
  const rewind = new RewindControl(player, options.now_ms ?? Date.now);
  for (const child of ['FallbackNotice', 'StatisticsPanel']) player.addChild(child);
  tolerateDistance(player, latency);
  report(player, latency, rewind, options.onchange);
  return {
    setSources: ({ live, past, closed }) => {
      rewind.setPast(past, closed);
      rewind.setLive(live);
    },
    seekToClock: (moment_ms) => rewind.seek(moment_ms),
    goLive: () => rewind.goLive(),
    setMuted: (muted) => {
      player.muted(muted);
    },
    offerClips: (setup) => offerClips(player, setup),
    dispose: () => {
      player.dispose();
      // An attempt to start that is still under way fails now, and Video.js would tell a player that is gone.
      player.trigger = () => undefined as never;
    },
  };
}

/** What cuts clips is not needed for the first picture, so it is fetched when that is there. */
function offerClips(player: Player, setup: ClipSetup): () => void {
  let over = false;
  let remove: (() => void) | null = null;
  const bring = () => {
    import('./clip').then(
      ({ addClips }) => {
        if (!over && !player.isDisposed()) remove = addClips(player, setup);
      },
      // Without it, everything else works; the next visit may bring it.
      () => undefined,
    );
  };
  if (player.readyState() >= HTMLMediaElement.HAVE_CURRENT_DATA) bring();
  else player.one('loadeddata', bring);
  return () => {
    over = true;
    player.off('loadeddata', bring);
    remove?.();
  };
}

function shellOptions(muted: boolean): object {
  return {
    controls: true,
    // With sound if the browser lets us, else without.
    autoplay: muted ? 'muted' : 'any',
    muted,
    fill: true,
    playsinline: true,
    preload: 'auto',
    liveui: true,
    liveTracker: { trackingThreshold: 0 },
    // The page says what is wrong and what to do; see `message`.
    errorDisplay: false,
    textTrackSettings: false,
    bigPlayButton: true,
    userActions: { hotkeys: onkey },
    html5: { nativeAudioTracks: false, nativeVideoTracks: false },
    controlBar: {
      children: [
        'playToggle',
        'volumePanel',
        'seekToLive',
        'wallClock',
        'customControlSpacer',
        'SettingsMenu',
        'pictureInPictureToggle',
        'fullscreenToggle',
      ],
      volumePanel: { inline: true },
    },
  };
}

/** Video.js's own keys, that of the statistics, those that move in time. Called with a key pressed anywhere in the player. */
function onkey(this: Player, event: KeyboardEvent): void {
  if (panelOf(this)?.take(event) || rewindOf(this)?.take(event)) event.preventDefault();
  else (this as unknown as { handleHotkeys(event: KeyboardEvent): void }).handleHotkeys(event);
}

/** Whoever is within this of where one joins is at the live edge. */
const AT_EDGE_S: Record<Mode, number> = { 'low-latency': 2.5, smooth: 8 };

function tolerateDistance(player: Player, latency: LatencyControl): void {
  const tracker = player.getChild('LiveTracker') as unknown as { options_: { liveTolerance: number } };
  const adapt = () => (tracker.options_.liveTolerance = AT_EDGE_S[latency.mode]);
  player.on(LATENCY_EVENT, adapt);
  adapt();
}

const PHASES: Record<string, Phase> = {
  loadstart: 'starting',
  playing: 'playing',
  pause: 'paused',
  waiting: 'stalled',
  ended: 'over',
  error: 'failed',
};

function report(
  player: Player,
  latency: LatencyControl,
  rewind: RewindControl,
  onchange: (state: LiveState) => void,
): void {
  let phase: Phase = 'starting';
  const tell = () =>
    onchange({
      phase,
      behind_s: sourceOf(player)?.behind_s ?? null,
      mode: latency.mode,
      muted: player.muted() ?? false,
      rewinding: rewind.rewinding,
      clock_ms: rewind.clock_ms,
      message: phase === 'failed' ? (player.error()?.message ?? null) : null,
    });
  for (const [event, next] of Object.entries(PHASES)) {
    player.on(event, () => {
      phase = after(phase, next, player);
      tell();
    });
  }
  player.on(['volumechange', 'seeking', LATENCY_EVENT, REWIND_EVENT], tell);
  player.on('timeupdate', seldom(tell));
}

/** Seconds that change faster cannot be read. */
const TELL_EVERY_MS = 1_000;

/** Does the work when it is called, unless it has just been done. */
function seldom(work: () => void): () => void {
  let done_ms = -Infinity;
  return () => {
    if (performance.now() - done_ms < TELL_EVERY_MS) return;
    done_ms = performance.now();
    work();
  };
}

/** Media elements report a pause before the end, and wait before they ever played. */
function after(phase: Phase, next: Phase, player: Player): Phase {
  if (next === 'paused' && player.ended()) return 'over';
  if (next === 'stalled' && phase === 'starting') return 'starting';
  return next;
}
