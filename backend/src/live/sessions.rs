//! The publish sessions of this node that are live, in memory, found by id, connection or channel.
//!
//! Sessions are keyed by (media server instance, client id): names come from the encoder and prove nothing.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sluice_domain::{EndReason, Millis, Slug};

/// Ended connections remembered, so that an encoder that was ended but not yet dropped is told so by its next update.
const ENDED_REMEMBERED: usize = 1024;

/// Which connection of which media server a session arrives on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    /// The media server's run, such as `nginx-4711`: client ids begin anew with each.
    pub instance: String,
    /// The media server's number for the connection.
    pub client_id: u64,
}

/// A publish session that is live.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session's id, and the stream's name behind the hook.
    pub id: String,
    /// The channel it is live on.
    pub channel: ChannelRef,
    /// The stream key it was opened with.
    pub key_id: String,
    /// What the owner calls that key.
    pub key_label: String,
    /// Where the encoder connects from.
    pub address: String,
    /// What the encoder calls itself.
    pub encoder: String,
    /// Where it arrives.
    pub connection: Connection,
    /// Another session ended on this connection before.
    pub on_used_connection: bool,
    /// When it was accepted.
    pub started_at: Millis,
    /// When media last came; when it was accepted, if none came yet.
    pub active_at: Millis,
    /// At least one frame came.
    pub has_media: bool,
    /// What is known of the incoming stream.
    pub ingest: Ingest,
}

/// The names of a channel that travel together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRef {
    /// The channel's id.
    pub id: String,
    /// Its public name.
    pub slug: Slug,
    /// The account that owns it.
    pub owner_id: String,
}

/// The health of an incoming stream; what is not known yet is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingest {
    /// Bytes received so far, by which the next bitrate is reckoned.
    pub bytes_in: u64,
    /// Bits per second over the last few seconds.
    pub bitrate_bps: Option<u64>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: Option<u32>,
    /// `H264`.
    pub video_codec: Option<String>,
    /// `AAC`.
    pub audio_codec: Option<String>,
    /// The longest distance of two keyframes in the newest segment, in milliseconds.
    pub keyframe_interval_ms: Option<u32>,
}

/// All live sessions of the node.
#[derive(Default)]
pub struct Sessions(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    by_id: HashMap<String, Session>,
    by_connection: HashMap<Connection, String>,
    by_channel: HashMap<String, String>,
    ended: Ended,
}

/// The connections on which a session ended last, in that order; each once.
#[derive(Default)]
struct Ended {
    known: HashSet<Connection>,
    order: VecDeque<Connection>,
}

impl Ended {
    fn remember(&mut self, connection: &Connection) {
        self.forget(connection);
        if self.order.len() == ENDED_REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(connection.clone());
        self.order.push_back(connection.clone());
    }

    /// It is in use again.
    fn forget(&mut self, connection: &Connection) {
        if self.known.remove(connection) {
            self.order.retain(|ended| ended != connection);
        }
    }
}

/// What an update of a connection means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It carries a live session.
    Live,
    /// Its session is over; it should not be there any more.
    Ended,
    /// Nothing is known of it, as after a restart.
    Unknown,
}

impl Sessions {
    /// Adds a session that was accepted.
    pub fn add(&self, session: Session) {
        let mut tables = self.lock();
        tables.ended.forget(&session.connection);
        tables
            .by_connection
            .insert(session.connection.clone(), session.id.clone());
        tables.by_channel.insert(session.channel.id.clone(), session.id.clone());
        tables.by_id.insert(session.id.clone(), session);
    }

    /// Takes a session out and remembers its connection as ended.
    pub fn remove(&self, id: &str) -> Option<Session> {
        let mut tables = self.lock();
        let session = tables.by_id.remove(id)?;
        tables.by_connection.remove(&session.connection);
        if tables
            .by_channel
            .get(&session.channel.id)
            .is_some_and(|live| live == id)
        {
            tables.by_channel.remove(&session.channel.id);
        }
        tables.ended.remember(&session.connection);
        Some(session)
    }

    /// The session with this id.
    pub fn get(&self, id: &str) -> Option<Session> {
        self.lock().by_id.get(id).cloned()
    }

    /// The session that is live on a channel.
    pub fn on_channel(&self, channel_id: &str) -> Option<Session> {
        let tables = self.lock();
        tables.by_id.get(tables.by_channel.get(channel_id)?).cloned()
    }

    /// The session that arrives on a connection.
    pub fn on_connection(&self, connection: &Connection) -> Option<Session> {
        let tables = self.lock();
        tables.by_id.get(tables.by_connection.get(connection)?).cloned()
    }

    /// How a connection stands.
    pub fn standing(&self, connection: &Connection) -> Standing {
        let tables = self.lock();
        if tables.by_connection.contains_key(connection) {
            Standing::Live
        } else if tables.ended.known.contains(connection) {
            Standing::Ended
        } else {
            Standing::Unknown
        }
    }

    /// Every live session.
    pub fn all(&self) -> Vec<Session> {
        self.lock().by_id.values().cloned().collect()
    }

    /// How many sessions are live.
    pub fn count(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Changes a session in place; false if it is not live any more.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Session)) -> bool {
        self.lock().by_id.get_mut(id).map(change).is_some()
    }

    /// Why a session probably ended when its end comes without a reason.
    pub fn reason_for_silent_end(session: &Session, now: Millis) -> EndReason {
        if now.since(session.active_at) < SILENT_END {
            EndReason::EndedByEncoder
        } else if session.has_media {
            EndReason::WentSilent
        } else {
            EndReason::NoMedia
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// nginx drops a publisher after ten idle seconds and then reports an ordinary end. The statistics are read every two
/// seconds, so that at least eight silent seconds are seen by then; an encoder that stops has sent within the last two.
const SILENT_END: Millis = Millis::from_secs(7);

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: &str, client_id: u64) -> Session {
        Session {
            id: id.into(),
            channel: ChannelRef {
                id: "channel".into(),
                slug: Slug::parse("stage").unwrap(),
                owner_id: "owner".into(),
            },
            key_id: "key".into(),
            key_label: "OBS".into(),
            address: "192.0.2.7".into(),
            encoder: "OBS".into(),
            connection: Connection {
                instance: "nginx-1".into(),
                client_id,
            },
            on_used_connection: false,
            started_at: Millis(0),
            active_at: Millis(0),
            has_media: false,
            ingest: Ingest::default(),
        }
    }

    #[test]
    fn a_session_is_found_by_id_connection_and_channel_until_it_ends() {
        let sessions = Sessions::default();
        let one = session("one", 7);
        sessions.add(one.clone());
        assert_eq!(
            sessions.on_connection(&one.connection).map(|s| s.id),
            Some("one".into())
        );
        assert_eq!(sessions.on_channel("channel").map(|s| s.id), Some("one".into()));
        sessions.remove("one");
        assert!(sessions.get("one").is_none() && sessions.on_channel("channel").is_none());
        assert_eq!(sessions.standing(&one.connection), Standing::Ended);
    }

    #[test]
    fn the_late_end_of_a_replaced_session_leaves_its_successor_live() {
        let sessions = Sessions::default();
        sessions.add(session("one", 7));
        sessions.add(session("two", 8));
        sessions.remove("one");
        assert_eq!(sessions.on_channel("channel").map(|s| s.id), Some("two".into()));
    }

    #[test]
    fn a_connection_of_another_server_run_is_unknown() {
        let sessions = Sessions::default();
        sessions.add(session("one", 7));
        let other = Connection {
            instance: "nginx-2".into(),
            client_id: 7,
        };
        assert_eq!(sessions.standing(&other), Standing::Unknown);
    }

    #[test]
    fn the_connections_that_ended_last_are_remembered_and_one_in_use_again_is_not() {
        let mut ended = Ended::default();
        let of = |client_id| session("any", client_id).connection;
        (0..1_024).for_each(|client_id| ended.remember(&of(client_id)));
        ended.remember(&of(0));
        ended.forget(&of(1));
        ended.remember(&of(2_000));
        ended.remember(&of(2_001));
        let known = |client_id| ended.known.contains(&of(client_id));
        assert_eq!([0, 1, 2, 3, 2_001].map(known), [true, false, false, true, true]);
        assert_eq!((ended.known.len(), ended.order.len()), (1_024, 1_024));
    }

    #[test]
    fn an_end_after_silence_says_so() {
        let mut one = session("one", 7);
        assert_eq!(
            Sessions::reason_for_silent_end(&one, Millis(2_000)),
            EndReason::EndedByEncoder
        );
        assert_eq!(Sessions::reason_for_silent_end(&one, Millis(9_000)), EndReason::NoMedia);
        one.has_media = true;
        assert_eq!(
            Sessions::reason_for_silent_end(&one, Millis(9_000)),
            EndReason::WentSilent
        );
    }
}
