/** The shapes that the API answers, word for word. Times are RFC 3339 in UTC. */

export type Role = 'viewer' | 'streamer' | 'administrator';
export type Access = 'public' | 'unlisted';
/** Who may rewind. The owner and administrators always may. */
export type Dvr = 'everyone' | 'signed_in' | 'nobody';

/** Who may cut clips. The owner and administrators always may. */
export type Clips = 'everyone' | 'signed_in' | 'owner';

export interface Site {
  name: string;
  activation_required: boolean;
  signup_role: Role;
  version: string;
  /** How many hours back a channel can be rewound that says nothing else. */
  dvr_window_hours: number;
  /** The longest clip, in seconds. */
  clip_max_seconds: number;
  /** Where encoders publish, on whatever channel. */
  ingest: Ingest;
}

export interface Account {
  id: string;
  email: string;
  display_name: string;
  role: Role;
  activated: boolean;
  suspended: boolean;
  created_at: string;
}

export interface Channel {
  slug: string;
  title: string;
  description: string;
  owner: { id: string; display_name: string };
  live: boolean;
  started_at: string | null;
  viewers: number;
  access: Access;
  takeover: boolean;
  dvr: Dvr;
  /** How many hours back it can be rewound; null leaves it to the site. */
  dvr_window_hours: number | null;
  clips: Clips;
  /** Whether the caller may cut clips. */
  can_clip: boolean;
  /** What it looks like just now, while it is on air; null where there is no picture. */
  thumbnail: string | null;
  /** The caller's own addresses; `dvr` and `storyboard` are null for whoever may not rewind. */
  playback: { hls: string; dvr: string | null; storyboard: string | null } | null;
  created_at: string;
  can_manage: boolean;
}

/** What an owner may change on a channel; its slug never changes. */
export type ChannelSettings = Pick<
  Channel,
  'title' | 'description' | 'access' | 'takeover' | 'dvr' | 'dvr_window_hours' | 'clips'
>;

/** What was recorded of one show: a run of segments, with what is missing in it. */
export interface Show {
  id: string;
  title: string | null;
  started_at: string;
  ended_at: string | null;
  live: boolean;
  /** Of what was recorded, gaps left out. */
  duration_ms: number;
  bytes: number;
  /** Of these, how many are on the disk and how many in the object store; some are in both. */
  disk_bytes: number;
  stored_bytes: number;
  /** It stays when the window has passed it. */
  kept: boolean;
  expires_at: string | null;
  gaps: { from: string; to: string }[];
  /** How many times the encoder connected. */
  sessions: number;
  playback: { hls: string } | null;
  /** A picture of it; null where none was made, or for whoever may not rewind. */
  poster: string | null;
  /** The address of the whole show as one file. */
  download: string | null;
  can_manage: boolean;
}

/** What was cut out of a channel's time. */
export interface Clip {
  id: string;
  channel: { slug: string; title: string };
  title: string | null;
  state: 'queued' | 'running' | 'ready' | 'failed';
  /** How far the cutting is, from 0 to 1. */
  progress: number;
  /** `fast` begins at the keyframe before what was asked for. */
  mode: 'fast' | 'accurate';
  /** What was asked for, on the wall clock. */
  start: string;
  end: string;
  actual_start: string | null;
  duration_ms: number | null;
  bytes: number | null;
  width: number | null;
  height: number | null;
  frame_rate: number | null;
  /** The file and its poster; null until it is ready. */
  url: string | null;
  poster: string | null;
  /** Its page here, and the player for other pages. */
  page: string;
  embed: string;
  download: string | null;
  creator: { id: string; display_name: string } | null;
  created_at: string;
  ready_at: string | null;
  /** Why it failed, as a code and as a sentence. */
  reason: string | null;
  reason_text: string | null;
  can_manage: boolean;
}

/** Where an encoder publishes to. */
export interface Ingest {
  rtmp: string;
  srt: string | null;
}

export interface StreamKey {
  id: string;
  label: string;
  /** The last characters, by which an owner tells keys apart. */
  hint: string;
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A key just made: the only answer that ever holds the secret itself. */
export interface NewStreamKey {
  id: string;
  label: string;
  key: string;
  hint: string;
  created_at: string;
  ingest: Ingest;
}

export interface PublishSession {
  id: string;
  state: 'live' | 'ended' | 'refused';
  reason: string | null;
  /** What the performer is told, with what to do next. */
  reason_text: string | null;
  started_at: string;
  ended_at: string | null;
  encoder: string | null;
  address: string | null;
  key: { id: string; label: string } | null;
  bitrate_bps: number | null;
  width: number | null;
  height: number | null;
  frame_rate: number | null;
  video_codec: string | null;
  audio_codec: string | null;
  keyframe_interval_ms: number | null;
}

/** A session in the administration's list, which spans channels. */
export type AdminSession = PublishSession & { channel: string };

/** Where segments are, and how uploads fare. */
export interface Storage {
  window_hours: number;
  /** How long the oldest segment that waits to be stored has been waiting; null where none waits. */
  lag_ms: number | null;
  places: StoragePlace[];
  nodes: StorageNode[];
}

/** What is in one place: only on the disk, in both, only in the object store, or gone. */
export interface StoragePlace {
  place: 'disk' | 'both' | 'store' | 'lost';
  segments: number;
  bytes: number;
  oldest_at: string;
}

/** A machine that uploads, as it last said; the counts are since it was started. */
export interface StorageNode {
  node: string;
  store: string;
  state: 'working' | 'waiting' | 'stuck' | 'silent';
  problem: string | null;
  reported_at: string;
  started_at: string;
  disk_total_bytes: number;
  disk_free_bytes: number;
  disk_high_percent: number;
  disk_low_percent: number;
  stored_segments: number;
  stored_bytes: number;
  failed_attempts: number;
  evicted_segments: number;
  evicted_bytes: number;
  lost_segments: number;
}

/** One page of a list; `next_cursor` asks for the page behind it. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** What arrives on /ws. */
export type LiveEvent =
  | { type: 'live'; channel: string; live: boolean; started_at: string | null }
  | { type: 'viewers'; channel: string; viewers: number }
  | { type: 'ingest'; channel: string; session: PublishSession }
  | ClipDeleted;

/** What arrives on /ws of clips that were asked about. */
export type ClipEvent = { type: 'clip'; clip: Clip } | ClipDeleted;

/** A clip is gone; `channel` is null where that may have gone, too. */
export interface ClipDeleted {
  type: 'clip_deleted';
  channel: string | null;
  id: string;
}
