/**
 * What a channel looked like at any moment of its past: tiles of sheets, found by storyboard.vtt.
 *
 * Nothing is fetched before a moment is asked for, and then the map of its hour and the sheet that shows it. Whoever sweeps
 * over a day fetches no more than can be looked at.
 */
import type { Storyboard as Find, Thumbnail } from '@sluice/videojs-clip';

import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import { clock } from './clock.svelte';
import { writeMoment } from './moment';
import { newestOnly } from './newest-only';
import { fetchPicture } from './picture';

/** A tile; `here` once its sheet is, so that it can be shown. */
export interface Tile extends Thumbnail {
  here: boolean;
}

/** So much is mapped by one request: a day has 24 of them, a few kilobytes each. */
const PIECE_MS = 3_600_000;
/** Tiles are made within this of their moment, so a piece that ends later may still get some. */
const SETTLES_MS = 600_000;
/** How long a piece that may get more holds, and one that hardly will. */
const HOLDS_MS = { growing: 15_000, settled: 300_000 };
/** What could not be had is asked for again after this. A sheet that is gone has another name by then. */
const AGAIN_MS = 3_000;
const TIMEOUT_MS = 10_000;

interface Piece {
  find: Find;
  /** From then on it is read anew when it is asked for. */
  stale_ms: number;
}

export class Storyboard {
  readonly #pieces = new SvelteMap<number, Piece>();
  readonly #sheets = new SvelteSet<string>();
  /** Sheets that could not be had, and when they may be asked for again. */
  #missed: Record<string, number> = {};
  readonly #url: () => string | null;

  /** `url`: where storyboard.vtt is; null while this viewer has none. */
  constructor(url: () => string | null) {
    this.#url = url;
  }

  /** Fetches what a moment needs to be shown. Of many that are asked for at once, only the newest is. */
  readonly want = newestOnly(async (moment_ms: number) => {
    await this.#readPiece(beginOf(moment_ms));
    const tile = this.#find(moment_ms);
    if (!tile || this.#sheets.has(tile.src) || clock.read() < (this.#missed[tile.src] ?? 0)) return;
    await this.#fetchSheet(tile.src, beginOf(moment_ms));
  });

  /** The tile of a moment as far as it is known; null where there is none. */
  at(moment_ms: number): Tile | null {
    const tile = this.#find(moment_ms);
    return tile && { ...tile, here: this.#sheets.has(tile.src) };
  }

  #find(moment_ms: number): Thumbnail | null {
    return this.#pieces.get(beginOf(moment_ms))?.find(moment_ms) ?? null;
  }

  async #readPiece(begin_ms: number): Promise<void> {
    const now_ms = clock.read();
    const before = this.#pieces.get(begin_ms);
    const url = this.#url();
    if (url === null || (before && now_ms < before.stale_ms)) return;
    const grows = now_ms < begin_ms + PIECE_MS + SETTLES_MS;
    const find = await readMap(url, begin_ms).catch(() => null);
    const holds_ms = find === null ? AGAIN_MS : grows ? HOLDS_MS.growing : HOLDS_MS.settled;
    // What was known stays when it cannot be read.
    this.#pieces.set(begin_ms, { find: find ?? before?.find ?? (() => null), stale_ms: clock.read() + holds_ms });
  }

  async #fetchSheet(src: string, begin_ms: number): Promise<void> {
    try {
      await fetchPicture(src);
      this.#sheets.add(src);
    } catch {
      const again_ms = clock.read() + AGAIN_MS;
      this.#missed[src] = again_ms;
      const piece = this.#pieces.get(begin_ms);
      if (piece) piece.stale_ms = Math.min(piece.stale_ms, again_ms);
    }
  }
}

function beginOf(moment_ms: number): number {
  return Math.floor(moment_ms / PIECE_MS) * PIECE_MS;
}

async function readMap(url: string, begin_ms: number): Promise<Find> {
  const asked = `${url}?from=${encodeURIComponent(writeMoment(begin_ms))}&duration=${PIECE_MS / 1_000}`;
  const response = await fetch(asked, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`storyboard: ${response.status}`);
  // Whoever opens the page comes to watch: what reads maps is fetched with the first of them.
  const { storyboardOf } = await import('@sluice/videojs-clip');
  return storyboardOf(await response.text(), asked, begin_ms);
}
