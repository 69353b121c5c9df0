/** Channels and sessions for tests. Not part of the site. */
import type { Channel, Clip, PublishSession, Show, StorageNode } from '../lib/model';

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
    dvr: 'everyone',
    dvr_window_hours: null,
    clips: 'signed_in',
    can_clip: false,
    thumbnail: null,
    playback: null,
    created_at: '2026-11-01T00:00:00Z',
    can_manage: false,
    ...facts,
  };
}

/** The same channel on air since `started_at`. */
export function onAir(started_at = '2026-11-20T20:00:00Z', facts: Partial<Channel> = {}): Channel {
  const playback = { hls: '/live/stage-north/index.m3u8', dvr: null, storyboard: null };
  return aChannel({ live: true, started_at, playback, viewers: 3, ...facts });
}

/** A show of two hours that is over, whole and on the disk. */
export function aShow(facts: Partial<Show> = {}): Show {
  return {
    id: '100',
    title: null,
    started_at: '2026-11-20T18:00:00Z',
    ended_at: '2026-11-20T20:00:00Z',
    live: false,
    duration_ms: 7_200_000,
    bytes: 5_200_000_000,
    disk_bytes: 5_200_000_000,
    stored_bytes: 5_200_000_000,
    kept: false,
    expires_at: '2026-11-21T20:00:00Z',
    gaps: [],
    sessions: 1,
    playback: { hls: '/live/stage-north/shows/100.m3u8' },
    poster: null,
    download: '/api/v1/channels/stage-north/shows/100/download',
    can_manage: false,
    ...facts,
  };
}

/** Half a minute of that show that is ready. */
export function aClip(facts: Partial<Clip> = {}): Clip {
  return {
    id: 'c1',
    channel: { slug: 'stage-north', title: 'Harbour Sessions' },
    title: 'The drop',
    state: 'ready',
    progress: 1,
    mode: 'accurate',
    start: '2026-11-20T18:30:00.000Z',
    end: '2026-11-20T18:30:30.000Z',
    actual_start: '2026-11-20T18:30:00.000Z',
    duration_ms: 30_000,
    bytes: 4_200_000,
    width: 1920,
    height: 1080,
    frame_rate: 30,
    url: 'http://localhost/clips/c1.mp4',
    poster: 'http://localhost/clips/c1.jpg',
    page: '/clip/c1',
    embed: '/embed/c1',
    download: '/api/v1/clips/c1/download',
    creator: { id: 'a1', display_name: 'mara' },
    created_at: '2026-11-20T18:31:00Z',
    ready_at: '2026-11-20T18:31:02Z',
    reason: null,
    reason_text: null,
    can_manage: false,
    ...facts,
  };
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

/** A machine that uploads, and is well. */
export function aStorageNode(facts: Partial<StorageNode> = {}): StorageNode {
  return {
    node: 'host-1',
    store: 's3://media@https://s3.example.org',
    state: 'working',
    problem: null,
    reported_at: '2026-11-20T20:00:00Z',
    started_at: '2026-11-18T20:00:00Z',
    disk_total_bytes: 120_000_000_000,
    disk_free_bytes: 55_000_000_000,
    disk_high_percent: 85,
    disk_low_percent: 75,
    stored_segments: 29_000,
    stored_bytes: 52_000_000_000,
    failed_attempts: 4,
    evicted_segments: 21_900,
    evicted_bytes: 39_000_000_000,
    lost_segments: 0,
    ...facts,
  };
}
