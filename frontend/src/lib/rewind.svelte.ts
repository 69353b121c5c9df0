/**
 * Going back on a watch page: what is asked for on the strip, in a field or by a link, and what the player makes of it.
 *
 * The player may not be there yet, or the list of shows; what is asked for waits for both.
 */
import type { LivePlayer, LiveState } from '../player';
import { api } from './api';
import { clock } from './clock.svelte';
import { land, type Landing, type Range, type Span, spansOf } from './day';
import type { Channel, Show } from './model';
import { writeMoment } from './moment';
import { ShowsFeed } from './shows-feed.svelte';
import { Storyboard } from './storyboard.svelte';
import { clockOf, dayOf } from './time';

/** An address of the past holds for a day: a newer one is taken over in good time. */
const ADDRESS_AGE_MS = 12 * 3_600_000;
/** The strip's right end is now, to within this. */
const GRAIN_MS = 5_000;

export class Rewind {
  /** The past plays, or is about to. */
  active = $state(false);
  /** The wall clock of the picture; null while none is shown, or it is not known. */
  clock_ms = $state<number | null>(null);
  /** What there is to say about where it went; empty when it went where it was asked to. */
  said = $state('');
  /** A link's moment is being found: nothing else is to begin to play. */
  pending = $state(false);
  /** A kept show from before the window, which plays from a playlist of its own. */
  kept = $state.raw<Show | null>(null);
  readonly feed: ShowsFeed;

  #hours = $state(24);
  #channel = $state.raw<Channel | null>(null);
  #address: { url: string; storyboard: string | null; since_ms: number } | null = $state.raw(null);
  #player: LivePlayer | null = null;
  #loaded: Promise<void> | null = null;
  /** Where a player that is yet to come begins. */
  #begin_ms: number | null = null;
  /** What the viewer has chosen is live, wherever the picture was led to since. */
  #choseLive = true;
  readonly #slug: string;

  constructor(slug: string) {
    this.#slug = slug;
    this.feed = new ShowsFeed(slug, () => this.range);
  }

  /** This viewer may rewind. */
  get allowed(): boolean {
    return this.#address !== null;
  }

  /** Where the past plays from; null for whoever may not rewind. */
  get url(): string | null {
    return this.kept?.playback?.hls ?? this.#address?.url ?? null;
  }

  /** What it looked like, moment by moment. */
  readonly storyboard = new Storyboard(() => this.#address?.storyboard ?? null);

  /** What the strip shows: the channel's window up to now, or a kept show from before it. */
  get range(): Range {
    if (this.kept) return { from_ms: Date.parse(this.kept.started_at), to_ms: Date.parse(this.kept.ended_at ?? '') };
    const to_ms = Math.ceil(clock.now / GRAIN_MS) * GRAIN_MS;
    return { from_ms: to_ms - this.#hours * 3_600_000, to_ms };
  }

  /** What was recorded in the range, oldest first. */
  get spans(): Span[] {
    return spansOf(this.kept ? [this.kept] : this.feed.shows, this.range);
  }

  /** Takes the channel in as it stands now, and how many hours the site keeps where it says nothing. */
  know(channel: Channel, siteHours: number): void {
    const before = this.#channel;
    this.#channel = channel;
    this.#hours = channel.dvr_window_hours ?? siteHours;
    const url = channel.playback?.dvr ?? null;
    const old = this.#address;
    // Each answer has an address of its own; another address would be another playlist to the player.
    const holds = url !== null && old !== null && Date.now() - old.since_ms < ADDRESS_AGE_MS && same(url, old.url);
    const storyboard = channel.playback?.storyboard ?? null;
    if (!holds) this.#address = url === null ? null : { url, storyboard, since_ms: Date.now() };
    if (!this.allowed) this.pending = false;
    // A show has begun or is over: so has a stretch on the strip.
    const turned = before && (before.live !== channel.live || before.started_at !== channel.started_at);
    if (turned && this.allowed) void this.feed.refresh();
  }

  /** Follows the list of shows until the returned function is called. */
  follow(): () => void {
    this.#loaded = this.feed.refresh();
    return this.feed.follow();
  }

  /** Opens the page at a moment. */
  async open(moment_ms: number): Promise<void> {
    this.pending = true;
    await this.#loaded;
    if (moment_ms < this.range.from_ms) this.kept = await this.#keptAt(moment_ms);
    this.pending = false;
    this.go(moment_ms);
  }

  /** Goes to a moment, or where one lands who asks for it. */
  go(moment_ms: number): void {
    const now = { ms: clock.read(), live: this.#channel?.live === true && this.kept === null };
    // Without a list, the playlist decides alone.
    const landing = this.feed.problem ? { at_ms: moment_ms, why: 'there' as const } : land(moment_ms, this.spans, now);
    this.said = sentence(landing, moment_ms, now.ms);
    if (!landing) return;
    if (landing.why === 'live') return this.goLive();
    this.#choseLive = false;
    this.active = true;
    this.clock_ms = landing.at_ms;
    this.#begin_ms = landing.at_ms;
    this.#player?.seekToClock(landing.at_ms);
  }

  /** Back to live; or, when there is no show, away from the past. */
  goLive(): void {
    this.#choseLive = true;
    this.kept = null;
    this.#begin_ms = null;
    // What is live already would be loaded anew.
    if (this.#channel?.live && this.active) this.#player?.goLive();
    this.active = false;
  }

  /** The picture is going to be led by somebody else: to set markers in it. */
  lend(): void {
    this.#choseLive = !this.active;
  }

  /** It is given back; `moved` when it was led anywhere. Then it stands still, even if it never left live. */
  giveBack(moved: boolean): void {
    if (!moved || !this.#choseLive) return;
    this.active = true;
    this.goLive();
  }

  /** A player has come, or has gone. */
  attach(player: LivePlayer | null): void {
    this.#player = player;
    if (player === null) this.clock_ms = null;
    else if (this.#begin_ms !== null) player.seekToClock(this.#begin_ms);
  }

  /** Takes in how the picture stands. */
  hear(state: LiveState): void {
    this.clock_ms = state.clock_ms ?? (this.active ? this.clock_ms : null);
    if (state.rewinding) {
      this.active = true;
      this.#begin_ms = null;
      if (state.phase === 'over' && !this.#channel?.live) this.goLive();
    } else if (this.active && this.#begin_ms === null) {
      this.active = false;
      this.kept = null;
      this.said = '';
    }
  }

  async #keptAt(moment_ms: number): Promise<Show | null> {
    const [from, to] = [writeMoment(moment_ms), writeMoment(moment_ms + 1_000)];
    const { items } = await api.shows(this.#slug, { from, to }).catch(() => ({ items: [] as Show[] }));
    // A show that is just leaving the window has a playlist of its own as well, but not for long.
    return items.find((show) => show.kept && show.playback !== null && show.ended_at !== null) ?? null;
  }
}

/** The same address but for which token is in its path, if any is; and so the same playlist, as open as before. */
function same(one: string, other: string): boolean {
  const bare = (url: string) => url.replace(/\/~[^/]+/, '/~');
  return bare(one) === bare(other);
}

function sentence(landing: Landing | null, asked_ms: number, now_ms: number): string {
  const named = (moment_ms: number) => `${clockOf(moment_ms)} ${dayOf(moment_ms, now_ms)}`;
  if (!landing) return 'Nothing is recorded here yet.';
  if (landing.why === 'next')
    return `Nothing was recorded at ${named(asked_ms)}. The next show begins at ${named(landing.at_ms)}.`;
  if (landing.why === 'first') return `What is recorded begins at ${named(landing.at_ms)}.`;
  if (landing.why === 'end') return `Nothing was recorded after ${named(landing.at_ms)}. This is the end of that show.`;
  return '';
}
