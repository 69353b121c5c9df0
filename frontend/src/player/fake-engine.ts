/** An engine that plays nothing and remembers everything, for tests. Not part of the site. */
import type HlsEngine from 'hls.js';

import type { Segment } from '@sluice/videojs-clip/clock';

type Listener = (event: string, data: unknown) => void;

interface FakeDetails {
  live: boolean;
  fragmentStart: number;
  edge: number;
  age: number;
  partList: unknown[] | null;
  fragments?: Segment[];
}

/** A live playlist from 100 to 160 s, with parts, that has just come. */
export const LIVE: FakeDetails = { live: true, fragmentStart: 100, edge: 160, age: 0, partList: [] };

export class FakeHls {
  static all: FakeHls[] = [];
  static supported = true;
  static readonly Events = {
    ERROR: 'error',
    FRAG_BUFFERED: 'fragBuffered',
    FRAG_LOADED: 'fragLoaded',
    MANIFEST_PARSED: 'manifestParsed',
    LEVEL_SWITCHED: 'levelSwitched',
    LEVEL_LOADED: 'levelLoaded',
  };
  static isSupported = () => FakeHls.supported;

  calls: string[] = [];
  media: unknown = null;
  listeners = new Map<string, Set<Listener>>();
  latestLevelDetails: FakeDetails | null = null;
  liveSyncPosition: number | null = null;
  targetLatency: number | null = null;
  lowLatencyMode: boolean;
  levels: { height: number; bitrate: number }[] = [];
  autoLevelEnabled = true;
  nextLevel = -1;
  currentLevel = -1;
  playingDate: Date | null = null;
  readonly config: { lowLatencyMode?: boolean; startPosition?: number };

  constructor(config: { lowLatencyMode?: boolean } = {}) {
    this.config = config;
    this.lowLatencyMode = config.lowLatencyMode ?? true;
    FakeHls.all.push(this);
  }

  on(event: string, listener: Listener): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  once(event: string, listener: Listener): void {
    const wrapped: Listener = (name, data) => {
      this.listeners.get(event)?.delete(wrapped);
      listener(name, data);
    };
    this.on(event, wrapped);
  }

  emit(event: string, data: unknown = {}): void {
    for (const listener of this.listeners.get(event) ?? []) listener(event, data);
  }

  loadSource(url: string): void {
    this.calls.push(`load ${url}`);
  }

  attachMedia(media: unknown): void {
    this.media = media;
  }

  startLoad(): void {
    this.calls.push('start');
  }

  stopLoad(): void {
    this.calls.push('stop');
  }

  recoverMediaError(): void {
    this.calls.push('recover');
  }

  destroy(): void {
    this.calls.push('destroy');
    this.media = null;
    this.listeners.clear();
  }

  /** The class as hls.js's. */
  static asEngine(): typeof HlsEngine {
    return FakeHls as unknown as typeof HlsEngine;
  }

  static get newest(): FakeHls {
    return FakeHls.all.at(-1) as FakeHls;
  }
}
