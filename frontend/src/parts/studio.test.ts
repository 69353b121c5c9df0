import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from '../lib/api';
import { confirm } from '../lib/confirm.svelte';
import type { NewStreamKey, StreamKey } from '../lib/model';
import { PagedList } from '../lib/pages.svelte';
import { Problem } from '../lib/problem';
import { aChannel, aSession } from '../testing/fixtures';
import { press, render, type, words } from '../testing/render';
import ChannelSettings from './ChannelSettings.svelte';
import CreateChannel from './CreateChannel.svelte';
import IngestHealth from './IngestHealth.svelte';
import NewKey from './NewKey.svelte';
import SessionHistory from './SessionHistory.svelte';
import StreamKeys from './StreamKeys.svelte';

const SECRET = `sk_${'a1'.repeat(16)}`;
const key: StreamKey = {
  id: 'k1',
  label: 'OBS at home',
  hint: 'a1a1',
  created_at: '2026-11-01T00:00:00Z',
  last_used_at: null,
  revoked_at: null,
};
const made: NewStreamKey = { ...key, key: SECRET, ingest: { rtmp: 'rtmp://live.example.org:1935/live', srt: null } };

beforeEach(() => {
  HTMLElement.prototype.scrollIntoView = vi.fn();
});

async function listOf<T extends { id: string }>(items: T[]): Promise<PagedList<T>> {
  const list = new PagedList<T>(() => Promise.resolve({ items, next_cursor: null }));
  await list.reload();
  return list;
}

describe('the health of what comes in', () => {
  it('shows bitrate, picture, keyframes and viewers', () => {
    const target = render(IngestHealth, { session: aSession(), samples: [], viewers: 148 });
    for (const part of [
      '5.8',
      'Mb/s',
      '1080p',
      '1920 × 1080',
      '30 fps',
      'H.264 High and AAC LC',
      '2.0',
      '148',
      'healthy',
    ]) {
      expect(words(target)).toContain(part);
    }
  });

  it('advises 2 s in OBS when keyframes are too far apart', () => {
    const target = render(IngestHealth, {
      session: aSession({ keyframe_interval_ms: 10_000 }),
      samples: [],
      viewers: 0,
    });
    expect(words(target.querySelector('.advice li'))).toMatch(/OBS.*2 s/);
    expect(target.querySelector('b.far')?.textContent).toBe('10.0');
  });

  it('says that it is measuring while nothing is known', () => {
    const nothing = { bitrate_bps: null, width: null, height: null, frame_rate: null, keyframe_interval_ms: null };
    const target = render(IngestHealth, { session: aSession(nothing), samples: [], viewers: 0 });
    expect(words(target.querySelector('[role=status]'))).toBe('measuring');
    expect(words(target)).not.toMatch(/null|NaN|undefined/);
  });

  it('says so when there is sound and no picture, and measures none', () => {
    const sound = { width: null, height: null, frame_rate: null, video_codec: null, keyframe_interval_ms: null };
    const target = render(IngestHealth, { session: aSession(sound), samples: [], viewers: 0 });
    expect(words(target)).toContain('sound alone');
    expect(words(target)).not.toContain('measuring');
  });
});

describe('stream keys', () => {
  const props = { slug: 'stage-north', liveKey: null, onmade: vi.fn() };

  it('are told apart by their last characters', async () => {
    const target = render(StreamKeys, { ...props, keys: await listOf([key]) });
    expect(words(target.querySelector('tbody tr'))).toMatch(/OBS at home ••••a1a1 .* never Revoke$/);
  });

  it('are made under a name, and handed on once', async () => {
    vi.spyOn(api, 'createStreamKey').mockResolvedValue(made);
    const onmade = vi.fn();
    const target = render(StreamKeys, { ...props, onmade, keys: await listOf<StreamKey>([]) });
    press(target, 'New key');
    press(target, 'Make the key');
    await vi.waitFor(() => expect(words(target)).toContain('Name the encoder'));
    type(target.querySelector('input'), ' OBS at home ');
    press(target, 'Make the key');
    await vi.waitFor(() => expect(onmade).toHaveBeenCalledWith(made));
    expect(api.createStreamKey).toHaveBeenCalledWith('stage-north', 'OBS at home');
    expect(target.innerHTML).not.toContain(SECRET);
  });

  it('are revoked only when the question was answered with yes', async () => {
    const revoke = vi.spyOn(api, 'revokeStreamKey').mockResolvedValue(null);
    const target = render(StreamKeys, { ...props, liveKey: 'k1', keys: await listOf([key]) });
    press(target, 'Revoke');
    expect(confirm.question?.text).toContain('ends at once');
    confirm.answer(false);
    await Promise.resolve();
    expect(revoke).not.toHaveBeenCalled();
    press(target, 'Revoke');
    confirm.answer(true);
    await vi.waitFor(() => expect(revoke).toHaveBeenCalledWith('stage-north', 'k1'));
  });

  it('that are new stand in no attribute, address or storage', () => {
    const target = render(NewKey, { made, ondone: vi.fn() });
    expect(words(target)).toContain('only time the key is shown');
    const attributes = Array.from(target.querySelectorAll('*')).flatMap((one) =>
      Array.from(one.attributes, ({ value }) => value),
    );
    expect(attributes.join(' ')).not.toContain(SECRET);
    expect(JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href).not.toContain(SECRET);
  });
});

describe('the history of shows', () => {
  it('tells how each ended, and why an attempt was refused', async () => {
    const ended = aSession({
      id: 's2',
      state: 'ended',
      ended_at: '2026-11-20T21:54:40Z',
      reason: 'connection_lost',
      reason_text: 'The connection was lost.',
    });
    const refused = aSession({
      id: 's3',
      state: 'refused',
      reason: 'unsupported_video',
      reason_text: 'The picture is not H.264. Choose H.264 (AVC) in the encoder.',
      bitrate_bps: null,
    });
    const target = render(SessionHistory, { sessions: await listOf([aSession(), ended, refused]) });
    const rows = Array.from(target.querySelectorAll('tbody tr'), words);
    expect(rows[0]).toMatch(/on air \d+:\d\d:\d\d/);
    expect(rows[1]).toMatch(/1:54:40 The connection was lost\. 1920 × 1080 · 30 fps · 5\.8 Mb\/s/);
    expect(rows[2]).toMatch(/refused The picture is not H\.264\. Choose H\.264/);
  });

  it('says what will stand there while there is nothing', async () => {
    expect(words(render(SessionHistory, { sessions: await listOf([]) }))).toContain('No shows yet');
  });
});

describe('a new channel', () => {
  const title = (target: HTMLElement) => target.querySelector('[name=title]');
  const slug = (target: HTMLElement) => target.querySelector<HTMLInputElement>('[name=slug]');

  it('has an address made of its title, until the reader writes one', () => {
    const target = render(CreateChannel, { oncreated: vi.fn() });
    type(title(target), 'Harbour Sessions');
    expect(slug(target)?.value).toBe('harbour-sessions');
    type(slug(target), 'My Stage');
    expect(slug(target)?.value).toBe('my-stage');
    type(title(target), 'Something else');
    expect(slug(target)?.value).toBe('my-stage');
  });

  it('says at once what is wrong with an address', () => {
    const target = render(CreateChannel, { oncreated: vi.fn() });
    type(slug(target), 'übung');
    expect(words(target)).toContain('Use lower-case letters, digits and hyphens only.');
    expect(slug(target)?.getAttribute('aria-invalid')).toBe('true');
    expect(
      target.querySelector(`#${slug(target)?.getAttribute('aria-describedby')?.split(' ').at(-1)}`),
    ).not.toBeNull();
  });

  it('with an address that is taken says so beside it', async () => {
    const taken = new Problem({ status: 409, code: 'slug_taken', detail: 'Another channel has this address.' });
    vi.spyOn(api, 'createChannel').mockRejectedValue(taken);
    const target = render(CreateChannel, { oncreated: vi.fn() });
    type(title(target), 'Harbour Sessions');
    press(target, 'Create the channel');
    await vi.waitFor(() => expect(words(target)).toContain('Another channel has this address.'));
    expect(document.activeElement).toBe(slug(target));
  });
});

describe('the settings of a channel', () => {
  it('can be saved once something is changed, and are sent whole', async () => {
    const change = vi
      .spyOn(api, 'changeChannel')
      .mockImplementation((_, settings) => Promise.resolve(aChannel(settings)));
    const onchanged = vi.fn();
    const target = render(ChannelSettings, { channel: aChannel(), onchanged });
    const save = Array.from(target.querySelectorAll('button')).find((one) => words(one) === 'Save the settings');
    expect(save?.disabled).toBe(true);
    target.querySelector<HTMLInputElement>('[role=switch]')?.click();
    type(target.querySelector('[name=title]'), ' Harbour Nights ');
    flushSync();
    expect(save?.disabled).toBe(false);
    save?.click();
    await vi.waitFor(() => expect(onchanged).toHaveBeenCalled());
    expect(change).toHaveBeenCalledWith('stage-north', {
      title: 'Harbour Nights',
      description: '',
      access: 'public',
      takeover: true,
      dvr: 'everyone',
      dvr_window_hours: null,
      clips: 'signed_in',
    });
  });
});
