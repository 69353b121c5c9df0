/** The shapes that the API answers, word for word. Times are RFC 3339 in UTC. */

export type Role = 'viewer' | 'streamer' | 'administrator';
export type Access = 'public' | 'unlisted';

export interface Site {
  name: string;
  activation_required: boolean;
  signup_role: Role;
  version: string;
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
  playback: { hls: string; dvr: string | null } | null;
  created_at: string;
  can_manage: boolean;
}

/** What an owner may change on a channel; its slug never changes. */
export type ChannelSettings = Pick<Channel, 'title' | 'description' | 'access' | 'takeover'>;

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

/** One page of a list; `next_cursor` asks for the page behind it. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** What arrives on /ws. */
export type LiveEvent =
  | { type: 'live'; channel: string; live: boolean; started_at: string | null }
  | { type: 'viewers'; channel: string; viewers: number }
  | { type: 'ingest'; channel: string; session: PublishSession };
