/** An engine that plays nothing and remembers everything, for tests. Not part of the site. */
import type HlsEngine from 'hls.js';

type Listener = (event: string, data: unknown) => void;

export class FakeHls {
  static all: FakeHls[] = [];
  static supported = true;
  static readonly Events = {
    ERROR: 'error',
    FRAG_BUFFERED: 'fragBuffered',
    MANIFEST_PARSED: 'manifestParsed',
    LEVEL_SWITCHED: 'levelSwitched',
    LEVEL_LOADED: 'levelLoaded',
  };
  static isSupported = () => FakeHls.supported;

  calls: string[] = [];
  media: unknown = null;
  listeners = new Map<string, Set<Listener>>();
  latestLevelDetails: { live: boolean; fragmentStart: number; edge: number } | null = null;
  liveSyncPosition: number | null = null;
  latency = 0;
  levels: { height: number; bitrate: number }[] = [];
  autoLevelEnabled = true;
  nextLevel = -1;
  currentLevel = -1;

  constructor() {
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
