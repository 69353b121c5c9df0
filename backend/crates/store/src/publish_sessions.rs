//! Encoders' visits: live, ended, refused.

use sluice_domain::{EndReason, Millis, SessionState};

use crate::Error;
use crate::dialect::Db;
use crate::page::{Page, rows_wanted};
use crate::row::{Record, Row};
use crate::statement::{Statement, values};

/// An encoder that is refused tries again every few seconds: for this long the first refusal stands for all.
const REFUSALS_MERGE_FOR: Millis = Millis::from_secs(60);
/// What an encoder says of itself is cut to this many characters, the width of its column.
const TEXT_LEN: usize = 255;

/// The publish sessions of a store.
pub struct PublishSessions<'a> {
    pub(crate) db: &'a Db,
}

/// A session to be recorded.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id, which is also the stream's name inside the media server.
    pub id: String,
    /// The channel it is on.
    pub channel_id: String,
    /// The key it was opened with.
    pub stream_key_id: String,
    /// The media server's run that holds the connection.
    pub instance: String,
    /// The connection's number there.
    pub client_id: String,
    /// Where the encoder connects from.
    pub address: String,
    /// What the encoder calls itself.
    pub encoder: String,
    /// When it asked to publish.
    pub started_at: Millis,
}

/// A session as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The channel it is on.
    pub channel_id: String,
    /// The channel's name in URLs.
    pub slug: String,
    /// The channel's owner.
    pub owner_id: String,
    /// The key it was opened with.
    pub key_id: String,
    /// What the owner calls that key.
    pub key_label: String,
    /// How it stands.
    pub state: SessionState,
    /// Why it ended or was refused.
    pub reason: Option<EndReason>,
    /// The media server's run that held the connection.
    pub instance: String,
    /// The connection's number there.
    pub client_id: String,
    /// Where the encoder connected from.
    pub address: String,
    /// What the encoder calls itself.
    pub encoder: String,
    /// When it asked to publish.
    pub started_at: Millis,
    /// When it ended; for a refused one, when it was refused.
    pub ended_at: Option<Millis>,
    /// What came in, as last recorded.
    pub health: Health,
}

/// What comes in from an encoder; none where it is not known (yet).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Bits a second, picture and sound together.
    pub bitrate_bps: Option<i64>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: Option<i64>,
    /// The picture's codec as the media server names it.
    pub video_codec: Option<String>,
    /// The sound's codec as the media server names it.
    pub audio_codec: Option<String>,
    /// The longest time between keyframes lately, in milliseconds.
    pub keyframe_interval_ms: Option<i64>,
    /// When media last came.
    pub media_at: Option<Millis>,
}

const SELECT: &str = "SELECT s.*, c.slug, c.owner_id, k.label AS key_label FROM publish_sessions s \
                      JOIN channels c ON c.id = s.channel_id JOIN stream_keys k ON k.id = s.stream_key_id";

impl PublishSessions<'_> {
    /// Records a live session. [`Error::Conflict`] if one is live on the channel already.
    pub async fn create(&self, new: &New) -> Result<(), Error> {
        self.create_all(std::slice::from_ref(new)).await
    }

    /// Records live sessions, all of them or none. [`Error::Conflict`] if one of the channels has a live one already, or
    /// gets two; [`Error::Missing`] if one of the channels or keys is gone.
    pub async fn create_all(&self, new: &[New]) -> Result<(), Error> {
        let rows = new.iter().map(|new| (new, SessionState::Live, None));
        self.insert(&rows.collect::<Vec<_>>()).await
    }

    /// Records a refusal; one with the same reason that comes again within a minute changes nothing.
    pub async fn refuse(&self, new: &New, reason: EndReason) -> Result<(), Error> {
        let sql = "SELECT reason, ended_at FROM publish_sessions WHERE channel_id = ? AND state = 'refused' \
                   ORDER BY ended_at DESC, id DESC LIMIT 1";
        let newest: Option<Refusal> = self.db.one(sql, values![&new.channel_id]).await?;
        let again =
            |refusal: Refusal| refusal.reason == reason && new.started_at.since(refusal.at) < REFUSALS_MERGE_FOR;
        // Two at once may both be recorded: that is history told twice, not worth a lock.
        if newest.is_some_and(again) {
            return Ok(());
        }
        self.insert(&[(new, SessionState::Refused, Some(reason))]).await
    }

    /// Ends a session. False if it was not live; its first reason stays.
    pub async fn end(&self, id: &str, reason: EndReason, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE publish_sessions SET state = 'ended', reason = ?, ended_at = ?, live_channel_id = NULL \
                   WHERE id = ? AND state = 'live'";
        self.db.changed(sql, values![reason.as_str(), now, id]).await
    }

    /// All live sessions.
    pub async fn live(&self) -> Result<Vec<Session>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE s.state = 'live' ORDER BY s.id", &[]);
        self.db.all(select.sql, &select.values).await
    }

    /// The session with this id.
    pub async fn by_id(&self, id: &str) -> Result<Option<Session>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE s.id = ?", values![id]);
        self.db.one(select.sql, &select.values).await
    }

    /// A channel's sessions, refused ones too, newest first.
    pub async fn list(&self, channel_id: &str, cursor: Option<&str>, limit: u32) -> Result<Page<Session>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE s.channel_id = ?", values![channel_id]);
        self.page(select, cursor, limit).await
    }

    /// The live sessions of all channels, newest first.
    pub async fn list_live(&self, cursor: Option<&str>, limit: u32) -> Result<Page<Session>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE s.state = 'live'", &[]);
        self.page(select, cursor, limit).await
    }

    /// Records what comes in; replaces what was recorded before. False if there is no such session.
    pub async fn set_health(&self, id: &str, health: &Health) -> Result<bool, Error> {
        let sql = "UPDATE publish_sessions SET bitrate_bps = ?, width = ?, height = ?, frame_rate_milli = ?, \
                   video_codec = ?, audio_codec = ?, keyframe_interval_ms = ?, media_at = ? WHERE id = ?";
        let values = values![
            health.bitrate_bps,
            health.width,
            health.height,
            health.frame_rate_milli,
            health.video_codec.as_deref(),
            health.audio_codec.as_deref(),
            health.keyframe_interval_ms,
            health.media_at,
            id,
        ];
        self.db.changed(sql, values).await
    }

    /// Inserts rows by one statement, all or nothing.
    async fn insert(&self, rows: &[(&New, SessionState, Option<EndReason>)]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let encoders: Vec<String> = rows.iter().map(|(new, ..)| cut(&new.encoder)).collect();
        let mut insert = Statement::new(
            "INSERT INTO publish_sessions (id, channel_id, live_channel_id, stream_key_id, state, reason, \
             instance, client_id, address, encoder, started_at, ended_at) VALUES",
        );
        insert.repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows.len());
        for ((new, state, reason), encoder) in rows.iter().zip(&encoders) {
            let live = *state == SessionState::Live;
            insert.values.extend_from_slice(values![
                &new.id,
                &new.channel_id,
                live.then_some(new.channel_id.as_str()),
                &new.stream_key_id,
                state.as_str(),
                reason.map(EndReason::as_str),
                &new.instance,
                &new.client_id,
                &new.address,
                encoder,
                new.started_at,
                (!live).then_some(new.started_at),
            ]);
        }
        self.db.execute(insert.sql, &insert.values).await.map(drop)
    }

    async fn page<'v>(
        &self,
        mut select: Statement<'v>,
        cursor: Option<&'v str>,
        limit: u32,
    ) -> Result<Page<Session>, Error> {
        if let Some(cursor) = cursor {
            select.push("AND s.id < ?", values![cursor]);
        }
        select.push("ORDER BY s.id DESC LIMIT ?", values![rows_wanted(limit)]);
        let rows = self.db.all(select.sql, &select.values).await?;
        Ok(Page::cut(rows, limit, |session: &Session| &session.id))
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_LEN).collect()
}

struct Refusal {
    reason: EndReason,
    at: Millis,
}

impl Record for Refusal {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            reason: row.get("reason")?,
            at: row.get("ended_at")?,
        })
    }
}

impl Record for Session {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("id")?,
            channel_id: row.get("channel_id")?,
            slug: row.get("slug")?,
            owner_id: row.get("owner_id")?,
            key_id: row.get("stream_key_id")?,
            key_label: row.get("key_label")?,
            state: row.get("state")?,
            reason: row.get("reason")?,
            instance: row.get("instance")?,
            client_id: row.get("client_id")?,
            address: row.get("address")?,
            encoder: row.get("encoder")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            health: Health::read(row)?,
        })
    }
}

impl Record for Health {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            bitrate_bps: row.get("bitrate_bps")?,
            width: row.get("width")?,
            height: row.get("height")?,
            frame_rate_milli: row.get("frame_rate_milli")?,
            video_codec: row.get("video_codec")?,
            audio_codec: row.get("audio_codec")?,
            keyframe_interval_ms: row.get("keyframe_interval_ms")?,
            media_at: row.get("media_at")?,
        })
    }
}
