/** A loader for hls.js that gives out playlists which were asked for before the engine was there. */
import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext } from 'hls.js';

import type { EarlyPlaylist } from '../lib/early';

type LoaderClass = new (config: HlsConfig) => Loader<LoaderContext>;

/** A live playlist that is older than this says nothing of the edge any more: players are told of each part. */
const FRESH_MS = 3_000;

/** `Base`, but for what `take` gives. What fails to come early is loaded by `Base`. */
export function earlyLoader(Base: LoaderClass, take: (url: string) => Promise<EarlyPlaylist> | null): LoaderClass {
  return class EarlyLoader extends Base {
    #gone = false;

    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      const load = () => {
        if (!this.#gone) super.load(context, config, callbacks);
      };
      const early = take(context.url);
      if (!early) {
        load();
        return;
      }
      this.context = context;
      early.then((playlist) => {
        if (performance.now() - playlist.end > FRESH_MS) load();
        else if (!this.#gone) this.#give(playlist, context, callbacks);
      }, load);
    }

    #give(playlist: EarlyPlaylist, context: LoaderContext, callbacks: LoaderCallbacks<LoaderContext>): void {
      const { text, url, start, first, end } = playlist;
      Object.assign(this.stats.loading, { start, first, end });
      this.stats.loaded = this.stats.total = text.length;
      callbacks.onSuccess({ url, data: text, code: 200 }, this.stats, context, null);
    }

    override abort(): void {
      this.#gone = true;
      super.abort();
    }

    override destroy(): void {
      this.#gone = true;
      super.destroy();
    }
  };
}
