/** What is said of clips in more places than one. Pure. */
export { early_s } from '@sluice/videojs-clip/words';

import type { Clip } from './model';
import { clockOf } from './time';

/** What a clip is called; one without a title by its channel and its time of day. */
export function clipTitle({ title, channel, start }: Pick<Clip, 'title' | 'channel' | 'start'>): string {
  return title ?? `${channel.title} at ${clockOf(Date.parse(start))}`;
}

/** Its page on this site; `clip.page` is the address under which the site is known to others. */
export function clipPage({ id }: Pick<Clip, 'id'>): string {
  return `/clip/${encodeURIComponent(id)}`;
}

/** The player for other people's pages, as they paste it. */
export function embedCode(embed: string, title: string): string {
  const escaped = title.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
  return `<iframe src="${new URL(embed, location.origin).href}" width="640" height="360" title="${escaped}" allow="fullscreen" loading="lazy" frameborder="0"></iframe>`;
}
