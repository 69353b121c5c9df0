//! Segments that the index has from before, as if shows had been sent.

use sluice_domain::Millis;
use sluice_store::segments::Segment;
use sluice_testkit::App;

/// The length of each, in milliseconds.
pub(crate) const LENGTH_MS: i64 = 6_000;

/// A session on the channel `stage` that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    /// The number of its first segment.
    pub(crate) first: i64,
    /// How many it brought.
    pub(crate) count: i64,
    /// When it began.
    pub(crate) from: Millis,
    /// The discontinuities before it.
    pub(crate) discontinuities: i64,
}

impl Session {
    fn segments(self, channel_id: &str) -> Vec<Segment> {
        let segment = |seq: i64| {
            let (msn, started_at) = (self.first + seq, self.from.plus(Millis(seq * LENGTH_MS)));
            Segment {
                channel_id: channel_id.to_owned(),
                msn,
                session_id: format!("session-{}", self.first),
                seq,
                name: name(started_at, msn),
                started_at,
                duration_us: LENGTH_MS * 1000,
                bytes: 1_000_000,
                discontinuity: seq == 0,
                discontinuity_seq: self.discontinuities + 1,
                target_s: LENGTH_MS / 1000,
                starts_show: seq == 0,
            }
        };
        (0..self.count).map(segment).collect()
    }
}

/// What a segment is called.
pub(crate) fn name(started_at: Millis, msn: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(started_at.0).unwrap();
    format!("{}-{msn:08}", at.strftime("%Y%m%d-%H%M%S"))
}

/// Puts sessions into the index; gives the channel's id.
pub(crate) async fn record(app: &App, sessions: &[Session]) -> String {
    let store = &app.state().store;
    let channel = store.channels().by_slug("stage").await.unwrap().unwrap();
    for session in sessions {
        store
            .segments()
            .insert_many(&session.segments(&channel.id))
            .await
            .unwrap();
    }
    channel.id
}
