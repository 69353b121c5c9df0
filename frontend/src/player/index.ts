/**
 * The live player: Video.js as shell, hls.js as engine. See README.md in this folder.
 *
 * Enter by `createLivePlayer`. It refuses to know channels, the API and the page around it.
 */
import 'video.js/dist/video-js.css';
import './skin.css';

import './quality-menu';
import { type Player, sourceOf, videojs } from './shell';
import { HLS_TYPE } from './source-handler';

/** How the picture stands. */
export type Phase = 'starting' | 'playing' | 'paused' | 'stalled' | 'over' | 'failed';

export interface LiveState {
  phase: Phase;
  /** Seconds behind the newest media; null while unknown. */
  behind_s: number | null;
  muted: boolean;
  /** What to tell the viewer; null unless the phase is `failed`. */
  message: string | null;
}

export interface LiveOptions {
  /** What the player is called by assistive technology. */
  label: string;
  /** Begin without sound. */
  muted: boolean;
  /** Called with every change of the state, and about four times a second while it plays. */
  onchange: (state: LiveState) => void;
}

export interface LivePlayer {
  /** Plays a live playlist from its edge, in place of what plays now. */
  load(url: string): void;
  setMuted(muted: boolean): void;
  /** Removes the player from the page, with everything it started. */
  dispose(): void;
}

/** Puts a player into `host`, which holds nothing else. */
export function createLivePlayer(host: HTMLElement, options: LiveOptions): LivePlayer {
  const video = document.createElement('video-js');
  host.append(video);
  const player = videojs(video, shellOptions(options.muted));
  player.el().setAttribute('aria-label', options.label);
  report(player, options.onchange);
  return {
    load: (url) => {
      player.error(null as never);
      player.src({ src: url, type: HLS_TYPE, expects: 'live' } as never);
    },
    setMuted: (muted) => {
      player.muted(muted);
    },
    dispose: () => player.dispose(),
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
    // The window is short: whoever is within a few seconds of where one joins is at the edge.
    liveTracker: { trackingThreshold: 0, liveTolerance: 8 },
    // The page says what is wrong and what to do; see `message`.
    errorDisplay: false,
    textTrackSettings: false,
    bigPlayButton: true,
    userActions: { hotkeys: true },
    html5: { nativeAudioTracks: false, nativeVideoTracks: false },
    controlBar: {
      children: [
        'playToggle',
        'volumePanel',
        'seekToLive',
        'customControlSpacer',
        'QualityMenu',
        'pictureInPictureToggle',
        'fullscreenToggle',
      ],
      volumePanel: { inline: true },
    },
  };
}

const PHASES: Record<string, Phase> = {
  loadstart: 'starting',
  playing: 'playing',
  pause: 'paused',
  waiting: 'stalled',
  ended: 'over',
  error: 'failed',
};

function report(player: Player, onchange: (state: LiveState) => void): void {
  let phase: Phase = 'starting';
  const tell = () =>
    onchange({
      phase,
      behind_s: sourceOf(player)?.behind_s ?? null,
      muted: player.muted() ?? false,
      message: phase === 'failed' ? (player.error()?.message ?? null) : null,
    });
  for (const [event, next] of Object.entries(PHASES)) {
    player.on(event, () => {
      phase = after(phase, next, player);
      tell();
    });
  }
  player.on(['timeupdate', 'volumechange'], tell);
}

/** Media elements report a pause before the end, and wait before they ever played. */
function after(phase: Phase, next: Phase, player: Player): Phase {
  if (next === 'paused' && player.ended()) return 'over';
  if (next === 'stalled' && phase === 'starting') return 'starting';
  return next;
}
