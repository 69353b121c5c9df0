//! The shows of channels, and what their owners said of them.
//!
//! A row is made when a show begins, together with its first segment, and goes when nothing of the show is left. What
//! there is of a show is asked of its segments.

use sluice_domain::Millis;

use crate::Error;
use crate::dialect::Db;
use crate::offload::Place;
use crate::row::{Record, Row};
use crate::segments::{RANGE, Segment};
use crate::statement::{Statement, Value, values};
use crate::thumbnails::Thumbnails;

/// The shows of a store.
pub struct Recordings<'a> {
    pub(crate) db: &'a Db,
}

/// A show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The channel it was on.
    pub channel_id: String,
    /// The media sequence number of the segment that it began with: its name, also when that segment is gone.
    pub first_msn: i64,
    /// That of its last segment; none for the channel's newest show, which may go on.
    pub last_msn: Option<i64>,
    /// When it began.
    pub started_at: Millis,
    /// What its owner calls it.
    pub title: Option<String>,
    /// Since when it is kept beyond the rewind window, if it is.
    pub kept_at: Option<Millis>,
    /// When it was deleted; its segments are about to go.
    pub deleted_at: Option<Millis>,
}

/// What there is of a show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The number of its first segment that is there.
    pub first_msn: i64,
    /// The number of its last one.
    pub last_msn: i64,
    /// When the first one begins.
    pub started_at: Millis,
    /// When the last one ends.
    pub ended_at: Millis,
    /// How many segments there are.
    pub segments: i64,
    /// Publish sessions that brought them.
    pub sessions: i64,
    /// Microseconds of media, without what is lost; so are the bytes.
    pub duration_us: i64,
    /// Their bytes.
    pub bytes: i64,
    /// Bytes of those that are on disk.
    pub disk_bytes: i64,
    /// Bytes of those that the object store has.
    pub stored_bytes: i64,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Millis,
    /// Its end.
    pub to: Millis,
}

/// A segment of a show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its media sequence number.
    pub msn: i64,
    /// Its name, without extension.
    pub name: String,
    /// The wall clock at its first frame.
    pub started_at: Millis,
    /// Microseconds of media.
    pub duration_us: i64,
    /// Its size.
    pub bytes: i64,
    /// Media does not go on from the segment before it.
    pub discontinuity: bool,
    /// Discontinuities of the channel up to and including this one.
    pub discontinuity_seq: i64,
    /// Where its bytes are.
    pub place: Place,
}

impl Recording {
    /// The number up to which segments are its own.
    pub fn reach(&self) -> i64 {
        self.last_msn.unwrap_or(i64::MAX)
    }
}

impl Recordings<'_> {
    /// Up to `limit` of a channel's shows, newest first: those that began before `to`, and before the one with the
    /// number `cursor`. Deleted ones are not among them, here and below.
    pub async fn list(
        &self,
        channel_id: &str,
        to: Option<Millis>,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Recording>, Error> {
        let mut select = Statement::new("SELECT * FROM recordings WHERE deleted_at IS NULL");
        select.push("AND channel_id = ?", values![channel_id]);
        if let Some(to) = to {
            select.push("AND started_at < ?", values![to]);
        }
        if let Some(cursor) = cursor {
            select.push("AND first_msn < ?", values![cursor]);
        }
        select.push("ORDER BY first_msn DESC LIMIT ?", values![i64::from(limit)]);
        self.db.all(select.sql, &select.values).await
    }

    /// The show that began with the segment of this number.
    pub async fn find(&self, channel_id: &str, first_msn: i64) -> Result<Option<Recording>, Error> {
        let sql = "SELECT * FROM recordings WHERE deleted_at IS NULL AND channel_id = ? AND first_msn = ?";
        self.db.one(sql, values![channel_id, first_msn]).await
    }

    /// What there is of a show from the moment `from` on; nothing where nothing is left.
    pub async fn extent(&self, show: &Recording, from: Millis) -> Result<Option<Extent>, Error> {
        let sum = |column| self.db.sum(column);
        let sql = format!(
            "SELECT COUNT(*) AS segments, COUNT(DISTINCT session_id) AS sessions, MIN(msn) AS first_msn, \
             MAX(msn) AS last_msn, MIN(started_at) AS started_at, MAX(started_at * 1000 + duration_us) AS ended_us, \
             {} AS duration_us, {} AS bytes, {} AS disk_bytes, {} AS stored_bytes FROM segments \
             WHERE channel_id = ? AND msn >= ? AND msn <= ? AND started_at >= ?",
            sum("CASE WHEN place = 'lost' THEN 0 ELSE duration_us END"),
            sum("CASE WHEN place = 'lost' THEN 0 ELSE bytes END"),
            sum("CASE WHEN place IN ('disk', 'both') THEN bytes ELSE 0 END"),
            sum("CASE WHEN place IN ('both', 'store') THEN bytes ELSE 0 END"),
        );
        let rows = self.db.rows(sql, &of_show(show, from)).await?;
        rows.first().map_or(Ok(None), Extent::read)
    }

    /// Where no media is in what there is of a show from the moment `from` on: between segments that do not follow one
    /// another, however short that is, and where segments are lost. In no order.
    pub async fn breaks(&self, show: &Recording, extent: &Extent) -> Result<Vec<Span>, Error> {
        let mut breaks = self.between_sessions(show, extent).await?;
        if extent.last_msn - extent.first_msn + 1 > extent.segments {
            breaks.extend(self.around_holes(show, extent).await?);
        }
        let lost = "SELECT started_at, duration_us FROM segments \
                    WHERE channel_id = ? AND msn >= ? AND msn <= ? AND started_at >= ? AND place = 'lost'";
        for row in self.db.rows(lost, &of_show(show, extent.started_at)).await? {
            let from: Millis = row.get("started_at")?;
            let to = end_of(&row, "started_at", "duration_us")?;
            breaks.push(Span { from, to });
        }
        Ok(breaks)
    }

    /// Up to `limit` segments of a show that began at `from` or later, oldest first: those behind the number `after`.
    pub async fn pieces(&self, show: &Recording, from: Millis, after: i64, limit: u32) -> Result<Vec<Piece>, Error> {
        let values = values![show.first_msn, after, show.reach(), from, i64::from(limit)];
        let mut select = Piece::select(&show.channel_id);
        select.push(
            "AND msn >= ? AND msn > ? AND msn <= ? AND started_at >= ? ORDER BY msn LIMIT ?",
            values,
        );
        self.db.all(select.sql, &select.values).await
    }

    /// Keeps a show beyond the rewind window from a moment on, or no longer. False if there is no such show.
    pub async fn set_kept(&self, show: &Recording, kept_at: Option<Millis>) -> Result<bool, Error> {
        let sql = "UPDATE recordings SET kept_at = ? WHERE deleted_at IS NULL AND channel_id = ? AND first_msn = ?";
        let values = values![kept_at, &show.channel_id, show.first_msn];
        self.db.changed(sql, values).await
    }

    /// Names a show, or takes its name away. False if there is no such show.
    pub async fn set_title(&self, show: &Recording, title: Option<&str>) -> Result<bool, Error> {
        let sql = "UPDATE recordings SET title = ? WHERE deleted_at IS NULL AND channel_id = ? AND first_msn = ?";
        let values = values![title, &show.channel_id, show.first_msn];
        self.db.changed(sql, values).await
    }

    /// Deletes a show that ends with the segment `last_msn`: it is listed no more, nothing of it can be played or seen, and
    /// its segments are [`crate::segments::Segments::expired`] at once. False if there is no such show.
    pub async fn delete(&self, show: &Recording, last_msn: i64, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE recordings SET deleted_at = ?, last_msn = ? \
                   WHERE deleted_at IS NULL AND channel_id = ? AND first_msn = ?";
        let values = values![now, last_msn, &show.channel_id, show.first_msn];
        let is_deleted = self.db.changed(sql, values).await?;
        if is_deleted {
            self.lose(show, last_msn, now).await?;
        }
        Ok(is_deleted)
    }

    /// Carries through deletions that did not come to their end.
    pub(crate) async fn finish_deletions(&self, now: Millis) -> Result<(), Error> {
        let sql = "SELECT * FROM recordings WHERE deleted_at IS NOT NULL AND EXISTS (SELECT 1 FROM segments s \
                   WHERE s.channel_id = recordings.channel_id AND s.msn >= recordings.first_msn \
                   AND s.msn <= recordings.last_msn AND s.place <> 'lost')";
        for show in self.db.all::<Recording>(sql, &[]).await? {
            self.lose(&show, show.reach(), now).await?;
        }
        Ok(())
    }

    /// Says of a show's segments that they are nowhere, some thousands at a time; then nothing shows them any more.
    async fn lose(&self, show: &Recording, last_msn: i64, now: Millis) -> Result<(), Error> {
        let sql = "SELECT MIN(msn) AS n FROM segments WHERE channel_id = ? AND msn >= ?";
        let rows = self.db.rows(sql, values![&show.channel_id, show.first_msn]).await?;
        let first: Option<i64> = rows.first().map_or(Ok(None), |row| row.get("n"))?;
        let mut next = first.unwrap_or(i64::MAX);
        while next <= last_msn {
            let behind = next.saturating_add(RANGE);
            let sql = "UPDATE segments SET place = 'lost' WHERE channel_id = ? AND msn >= ? AND msn < ? AND msn <= ?";
            let values = values![&show.channel_id, next, behind, last_msn];
            self.db.execute(sql, values).await?;
            next = behind;
        }
        let thumbnails = Thumbnails { db: self.db };
        thumbnails
            .forget(&show.channel_id, (show.first_msn, last_msn), now)
            .await
    }

    /// A channel's deleted shows whose segments are still there: whoever reads segments leaves theirs out.
    pub async fn deleted(&self, channel_id: &str) -> Result<Vec<Recording>, Error> {
        let sql = "SELECT * FROM recordings WHERE channel_id = ? AND deleted_at IS NOT NULL ORDER BY first_msn";
        self.db.all(sql, values![channel_id]).await
    }

    /// Forgets shows of which no segment is left.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let sql = "DELETE FROM recordings WHERE last_msn IS NOT NULL AND NOT EXISTS (SELECT 1 FROM segments s \
                   WHERE s.channel_id = recordings.channel_id \
                   AND s.msn >= recordings.first_msn AND s.msn <= recordings.last_msn)";
        self.db.execute(sql, &[]).await
    }

    /// Where there is no show at all yet: takes in those of segments that were recorded before there were shows.
    pub async fn adopt(&self) -> Result<u64, Error> {
        if self.db.count("SELECT COUNT(*) AS n FROM recordings", &[]).await? > 0 {
            return Ok(0);
        }
        let sql = "INSERT INTO recordings (channel_id, first_msn, last_msn, started_at) \
                   SELECT s.channel_id, s.msn, (SELECT MIN(n.msn) - 1 FROM segments n \
                   WHERE n.channel_id = s.channel_id AND n.msn > s.msn AND n.starts_show = 1), s.started_at \
                   FROM segments s WHERE s.starts_show = 1 \
                   OR s.msn = (SELECT MIN(o.msn) FROM segments o WHERE o.channel_id = s.channel_id)";
        match self.db.execute(sql, &[]).await {
            // Another process does the same at this moment.
            Err(Error::Conflict) => Ok(0),
            adopted => adopted,
        }
    }

    /// Records that a show begins with this segment, and that the one before it goes no further.
    pub(crate) async fn begin(&self, first: &Segment) -> Result<(), Error> {
        let close = "UPDATE recordings SET last_msn = ? WHERE channel_id = ? AND first_msn < ? AND last_msn IS NULL";
        let values = values![first.msn - 1, &first.channel_id, first.msn];
        self.db.execute(close, values).await?;
        let sql = "INSERT INTO recordings (channel_id, first_msn, started_at) VALUES (?, ?, ?)";
        let values = values![&first.channel_id, first.msn, first.started_at];
        match self.db.execute(sql, values).await {
            // Written before, and then not confirmed.
            Err(Error::Conflict) => Ok(()),
            inserted => inserted.map(drop),
        }
    }

    /// The stretches before segments that do not continue the one before.
    async fn between_sessions(&self, show: &Recording, extent: &Extent) -> Result<Vec<Span>, Error> {
        let sql = "SELECT p.started_at AS before_at, p.duration_us AS before_us, s.started_at FROM segments s \
                   JOIN segments p ON p.channel_id = s.channel_id AND p.msn = s.msn - 1 \
                   WHERE s.channel_id = ? AND s.msn > ? AND s.msn <= ? AND s.discontinuity = 1";
        let values = values![&show.channel_id, extent.first_msn, extent.last_msn];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(between).collect()
    }

    /// The stretches where numbers are missing.
    async fn around_holes(&self, show: &Recording, extent: &Extent) -> Result<Vec<Span>, Error> {
        let sql = "SELECT b.started_at AS before_at, b.duration_us AS before_us, s.started_at FROM \
                   (SELECT h.channel_id, h.msn, h.started_at, (SELECT MAX(q.msn) FROM segments q \
                   WHERE q.channel_id = h.channel_id AND q.msn < h.msn) AS before_msn \
                   FROM segments h LEFT JOIN segments p ON p.channel_id = h.channel_id AND p.msn = h.msn - 1 \
                   WHERE h.channel_id = ? AND h.msn > ? AND h.msn <= ? AND p.msn IS NULL) s \
                   JOIN segments b ON b.channel_id = s.channel_id AND b.msn = s.before_msn";
        let values = values![&show.channel_id, extent.first_msn, extent.last_msn];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(between).collect()
    }
}

/// The values for "channel, first, last, from".
fn of_show(show: &Recording, from: Millis) -> [Value<'_>; 4] {
    *values![&show.channel_id, show.first_msn, show.reach(), from]
}

fn between(row: &Row) -> Result<Span, Error> {
    Ok(Span {
        from: end_of(row, "before_at", "before_us")?,
        to: row.get("started_at")?,
    })
}

fn end_of(row: &Row, started_at: &str, duration_us: &str) -> Result<Millis, Error> {
    let started_at: Millis = row.get(started_at)?;
    let duration_us: i64 = row.get(duration_us)?;
    Ok(started_at.plus(Millis(duration_us / 1000)))
}

impl Extent {
    /// Sums over no rows are no extent.
    fn read(row: &Row) -> Result<Option<Self>, Error> {
        let segments: i64 = row.get("segments")?;
        if segments == 0 {
            return Ok(None);
        }
        let ended_us: i64 = row.get("ended_us")?;
        Ok(Some(Self {
            segments,
            first_msn: row.get("first_msn")?,
            last_msn: row.get("last_msn")?,
            started_at: row.get("started_at")?,
            ended_at: Millis(ended_us / 1000),
            sessions: row.get("sessions")?,
            duration_us: row.get("duration_us")?,
            bytes: row.get("bytes")?,
            disk_bytes: row.get("disk_bytes")?,
            stored_bytes: row.get("stored_bytes")?,
        }))
    }
}

impl Piece {
    /// Begins to ask for segments of a channel.
    pub(crate) fn select(channel_id: &str) -> Statement<'_> {
        Statement::of(
            "SELECT msn, name, started_at, duration_us, bytes, discontinuity, discontinuity_seq, place FROM segments \
             WHERE channel_id = ?",
            values![channel_id],
        )
    }
}

impl Record for Piece {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            msn: row.get("msn")?,
            name: row.get("name")?,
            started_at: row.get("started_at")?,
            duration_us: row.get("duration_us")?,
            bytes: row.get("bytes")?,
            discontinuity: row.get("discontinuity")?,
            discontinuity_seq: row.get("discontinuity_seq")?,
            place: row.get("place")?,
        })
    }
}

impl Record for Recording {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("channel_id")?,
            first_msn: row.get("first_msn")?,
            last_msn: row.get("last_msn")?,
            started_at: row.get("started_at")?,
            title: row.get("title")?,
            kept_at: row.get("kept_at")?,
            deleted_at: row.get("deleted_at")?,
        })
    }
}
