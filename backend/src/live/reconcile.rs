//! Holding our sessions against what the media server says of itself.
//!
//! Hooks are lost, doubled and reordered; the statistics are the truth. `judge` decides, `super::watch` acts.

use std::collections::{HashMap, HashSet};

use sluice_domain::{EndReason, Millis};

use super::sessions::Session;
use crate::media_server::stat::{Snapshot, Stream, Video};

/// How often the statistics are read.
pub(super) const EVERY: Millis = Millis::from_secs(2);
/// An encoder that was accepted and has not sent a frame by now is sent away.
const FIRST_FRAME_WITHIN: Millis = Millis::from_secs(10);
/// nginx drops a silent publisher after ten seconds; this is for the case that it did not.
const SILENT_AT_MOST: Millis = Millis::from_secs(20);
/// A session younger than this may not have reached the statistics yet.
const SETTLES_WITHIN: Millis = Millis::from_secs(5);

/// What is to be done with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Media flows: remember what the server says of it.
    Observe {
        /// The session.
        session: String,
        /// What the server says.
        stream: Stream,
    },
    /// It is over, or must be.
    End {
        /// The session.
        session: String,
        /// Why.
        reason: EndReason,
    },
    /// Somebody publishes whom we know nothing of, twice in a row: disconnect.
    Drop {
        /// The stream's name in the media server.
        name: String,
        /// The connection.
        client_id: u64,
    },
}

/// What one round leaves for the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    missing: HashSet<String>,
    strangers: HashSet<u64>,
}

/// The moment of a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// When the statistics were asked for: a session accepted later is not judged by them.
    pub asked_at: Millis,
    /// Now.
    pub now: Millis,
}

/// Judges all sessions of this media server by one snapshot. A lost end needs two snapshots in a row.
pub(super) fn judge(snapshot: &Snapshot, sessions: &[Session], memory: &mut Memory, round: Round) -> Vec<Action> {
    let instance = format!("nginx-{}", snapshot.pid);
    let published: HashMap<&str, &Stream> = snapshot
        .streams
        .iter()
        .filter(|stream| stream.publisher.is_some())
        .map(|stream| (stream.name.as_str(), stream))
        .collect();
    let missing_before = std::mem::take(&mut memory.missing);
    let mut actions = Vec::new();
    for session in sessions.iter().filter(|session| is_ours(session, round)) {
        if session.connection.instance != instance {
            actions.push(end(session, EndReason::MediaServerRestarted));
        } else if let Some(stream) = published.get(session.id.as_str()) {
            actions.push(judge_stream(session, stream, round.now));
        } else if round.now.since(session.started_at) >= SETTLES_WITHIN {
            if missing_before.contains(&session.id) {
                actions.push(end(session, EndReason::ConnectionLost));
            }
            memory.missing.insert(session.id.clone());
        }
    }
    actions.extend(strangers(&published, sessions, memory));
    actions
}

fn is_ours(session: &Session, round: Round) -> bool {
    session.connection.instance.starts_with("nginx-") && session.started_at < round.asked_at
}

fn judge_stream(session: &Session, stream: &Stream, now: Millis) -> Action {
    let moved = stream.bytes_in != session.ingest.bytes_in;
    let active = session.has_media || stream.publisher.is_some_and(|publisher| publisher.active);
    if !active && now.since(session.started_at) >= FIRST_FRAME_WITHIN {
        end(session, EndReason::NoMedia)
    } else if stream
        .video
        .as_ref()
        .is_some_and(|video| is_unsupported(video, now.since(session.started_at)))
    {
        end(session, EndReason::UnsupportedVideo)
    } else if stream.audio_codec.as_deref().is_some_and(|codec| codec != "AAC") {
        end(session, EndReason::UnsupportedAudio)
    } else if active && !moved && now.since(session.active_at) >= SILENT_AT_MOST {
        end(session, EndReason::WentSilent)
    } else {
        Action::Observe {
            session: session.id.clone(),
            stream: stream.clone(),
        }
    }
}

/// A picture without a codec is none (sound alone has zeros for its size), or one that nginx does not know, or one whose
/// first frame is on its way behind the metadata.
fn is_unsupported(video: &Video, age: Millis) -> bool {
    match video.codec.as_str() {
        "H264" => false,
        "" => video.width > 0 && age >= FIRST_FRAME_WITHIN,
        _ => true,
    }
}

fn strangers(published: &HashMap<&str, &Stream>, sessions: &[Session], memory: &mut Memory) -> Vec<Action> {
    let known: HashSet<&str> = sessions.iter().map(|session| session.id.as_str()).collect();
    let seen_before = std::mem::take(&mut memory.strangers);
    let unknown = published.iter().filter(|(name, _)| !known.contains(**name));
    let mut actions = Vec::new();
    for (name, client_id) in unknown.filter_map(|(name, stream)| Some((name, stream.publisher?.client_id))) {
        if seen_before.contains(&client_id) {
            actions.push(Action::Drop {
                name: (*name).to_owned(),
                client_id,
            });
        }
        memory.strangers.insert(client_id);
    }
    actions
}

fn end(session: &Session, reason: EndReason) -> Action {
    Action::End {
        session: session.id.clone(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use sluice_domain::Slug;

    use super::*;
    use crate::{
        live::sessions::{ChannelRef, Connection, Ingest},
        media_server::stat::Publisher,
    };

    const ROUND: Round = Round {
        asked_at: Millis(60_000),
        now: Millis(60_000),
    };

    fn session(started_ago_ms: i64) -> Session {
        Session {
            id: "one".into(),
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
                instance: "nginx-7".into(),
                client_id: 19,
            },
            on_used_connection: false,
            started_at: Millis(60_000 - started_ago_ms),
            active_at: Millis(60_000 - started_ago_ms),
            has_media: false,
            ingest: Ingest::default(),
        }
    }

    fn stream(active: bool, codec: &str, audio: Option<&str>) -> Stream {
        Stream {
            name: "one".into(),
            bytes_in: 1000,
            publisher: Some(Publisher { client_id: 19, active }),
            video: Some(Video {
                codec: codec.into(),
                ..Video::default()
            }),
            audio_codec: audio.map(str::to_owned),
        }
    }

    fn verdicts(streams: Vec<Stream>, session: &Session) -> Vec<Action> {
        let snapshot = Snapshot { pid: 7, streams };
        judge(&snapshot, std::slice::from_ref(session), &mut Memory::default(), ROUND)
    }

    fn ended(reason: EndReason) -> Vec<Action> {
        vec![Action::End {
            session: "one".into(),
            reason,
        }]
    }

    #[test]
    fn a_healthy_session_is_only_observed() {
        let stream = stream(true, "H264", Some("AAC"));
        let expected = Action::Observe {
            session: "one".into(),
            stream: stream.clone(),
        };
        assert_eq!(verdicts(vec![stream], &session(30_000)), [expected]);
    }

    #[test]
    fn an_encoder_that_never_sends_a_frame_is_sent_away_after_ten_seconds() {
        let silent = Stream {
            video: None,
            ..stream(false, "", None)
        };
        assert_eq!(
            verdicts(vec![silent.clone()], &session(10_000)),
            ended(EndReason::NoMedia)
        );
        assert!(matches!(
            verdicts(vec![silent], &session(9_999))[..],
            [Action::Observe { .. }]
        ));
    }

    #[test]
    fn anything_but_h264_and_aac_is_sent_away_with_its_reason() {
        let hevc = stream(true, "Jpeg", Some("AAC"));
        assert_eq!(
            verdicts(vec![hevc], &session(3_000)),
            ended(EndReason::UnsupportedVideo)
        );
        let mp3 = stream(true, "H264", Some("MP3"));
        assert_eq!(verdicts(vec![mp3], &session(3_000)), ended(EndReason::UnsupportedAudio));
    }

    #[test]
    fn sound_alone_is_a_show_and_a_picture_that_nginx_does_not_know_is_none() {
        let mut sound = stream(true, "", Some("AAC"));
        assert!(matches!(
            verdicts(vec![sound.clone()], &session(30_000))[..],
            [Action::Observe { .. }]
        ));
        if let Some(video) = &mut sound.video {
            video.width = 1280;
        }
        assert!(matches!(
            verdicts(vec![sound.clone()], &session(3_000))[..],
            [Action::Observe { .. }]
        ));
        assert_eq!(
            verdicts(vec![sound], &session(30_000)),
            ended(EndReason::UnsupportedVideo)
        );
    }

    #[test]
    fn a_lost_end_is_found_by_two_snapshots_in_a_row() {
        let snapshot = Snapshot {
            pid: 7,
            streams: vec![],
        };
        let (mut memory, session) = (Memory::default(), session(30_000));
        let sessions = std::slice::from_ref(&session);
        assert_eq!(judge(&snapshot, sessions, &mut memory, ROUND), []);
        assert_eq!(
            judge(&snapshot, sessions, &mut memory, ROUND),
            ended(EndReason::ConnectionLost)
        );
    }

    #[test]
    fn a_session_too_young_for_the_statistics_is_left_alone() {
        let snapshot = Snapshot {
            pid: 7,
            streams: vec![],
        };
        let (mut memory, session) = (Memory::default(), session(4_000));
        for _ in 0..3 {
            assert_eq!(judge(&snapshot, std::slice::from_ref(&session), &mut memory, ROUND), []);
        }
    }

    #[test]
    fn a_restarted_media_server_ends_the_sessions_of_the_one_before() {
        let snapshot = Snapshot {
            pid: 8,
            streams: vec![],
        };
        let session = session(1_000);
        let sessions = std::slice::from_ref(&session);
        let actions = judge(&snapshot, sessions, &mut Memory::default(), ROUND);
        assert_eq!(actions, ended(EndReason::MediaServerRestarted));
        let before = Round {
            asked_at: Millis(58_000),
            ..ROUND
        };
        assert_eq!(judge(&snapshot, sessions, &mut Memory::default(), before), []);
    }

    #[test]
    fn a_publisher_that_no_session_knows_is_dropped_at_the_second_sight() {
        let snapshot = Snapshot {
            pid: 7,
            streams: vec![stream(true, "H264", None)],
        };
        let mut memory = Memory::default();
        assert_eq!(judge(&snapshot, &[], &mut memory, ROUND), []);
        let expected = Action::Drop {
            name: "one".into(),
            client_id: 19,
        };
        assert_eq!(judge(&snapshot, &[], &mut memory, ROUND), [expected]);
    }
}
