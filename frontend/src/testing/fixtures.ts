/** Channels and sessions for tests. Not part of the site. */
import type { Channel, PublishSession } from '../lib/model';

export function aChannel(facts: Partial<Channel> = {}): Channel {
  return {
    slug: 'stage-north',
    title: 'Harbour Sessions',
    description: '',
    owner: { id: 'o1', display_name: 'stage.north' },
    live: false,
    started_at: null,
    viewers: 0,
    access: 'public',
    takeover: false,
    playback: null,
    created_at: '2026-11-01T00:00:00Z',
    can_manage: false,
    ...facts,
  };
}

/** The same channel on air since `started_at`. */
export function onAir(started_at = '2026-11-20T20:00:00Z', facts: Partial<Channel> = {}): Channel {
  const playback = { hls: '/live/stage-north/index.m3u8', dvr: null };
  return aChannel({ live: true, started_at, playback, viewers: 3, ...facts });
}

export function aSession(facts: Partial<PublishSession> = {}): PublishSession {
  return {
    id: 's1',
    state: 'live',
    reason: null,
    reason_text: null,
    started_at: '2026-11-20T20:00:00Z',
    ended_at: null,
    encoder: 'OBS',
    address: '192.0.2.1',
    key: { id: 'k1', label: 'OBS at home' },
    bitrate_bps: 5_800_000,
    width: 1920,
    height: 1080,
    frame_rate: 30,
    video_codec: 'H.264 High',
    audio_codec: 'AAC LC',
    keyframe_interval_ms: 2_000,
    ...facts,
  };
}
