//! The index of archived media.

use std::collections::{BTreeMap, HashSet};

use sluice_domain::Millis;

use crate::Error;
use crate::dialect::Db;
use crate::recordings::Recordings;
use crate::row::{Record, Row};
use crate::statement::{Statement, Value, values};

/// Rows in one statement: far below every database's bound on bound values, and few distinct statements to prepare.
const BATCH: usize = 100;
/// Numbers of one statement that meets all of a channel or a show: a fraction of a second on a slow disk, so that nobody
/// who writes meanwhile waits long.
pub(crate) const RANGE: i64 = 2000;

/// The segments of a store.
pub struct Segments<'a> {
    pub(crate) db: &'a Db,
}

/// A segment in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The channel it is of.
    pub channel_id: String,
    /// Its media sequence number: grows by one a segment for as long as the channel lives.
    pub msn: i64,
    /// The publish session it came with.
    pub session_id: String,
    /// Its place in that session; the same file of the spool never gets two.
    pub seq: i64,
    /// Its name in URLs and in the archive, without extension.
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
    /// The target duration of its playlist, in seconds.
    pub target_s: i64,
    /// It is the first of a show.
    pub starts_show: bool,
}

impl Segments<'_> {
    /// Records segments; those that are there already (same channel and number) stay as they are. Where one starts a
    /// show, that is recorded first: what breaks off in between is written again.
    ///
    /// [`Error::Conflict`] if one has a session's place that another number has; then up to a hundred may be missing.
    pub async fn insert_many(&self, segments: &[Segment]) -> Result<(), Error> {
        let recordings = Recordings { db: self.db };
        for first in segments.iter().filter(|segment| segment.starts_show) {
            recordings.begin(first).await?;
        }
        for batch in segments.chunks(BATCH) {
            match self.insert(batch).await {
                // "Insert or ignore" is spelled three ways that each ignore something else; this is the rare path.
                Err(Error::Conflict) => self.insert(&self.missing(batch).await?).await?,
                other => other?,
            }
        }
        Ok(())
    }

    /// A channel's newest `limit` segments, oldest of them first; there is one for as long as there ever was.
    pub async fn latest(&self, channel_id: &str, limit: u32) -> Result<Vec<Segment>, Error> {
        let sql = "SELECT * FROM segments WHERE channel_id = ? ORDER BY msn DESC LIMIT ?";
        let mut newest_first: Vec<Segment> = self.db.all(sql, values![channel_id, i64::from(limit)]).await?;
        newest_first.reverse();
        Ok(newest_first)
    }

    /// The highest place taken in a session.
    pub async fn last_seq(&self, session_id: &str) -> Result<Option<i64>, Error> {
        let sql = "SELECT MAX(seq) AS n FROM segments WHERE session_id = ?";
        self.number(sql, session_id).await
    }

    /// Forgets segments by channel and number.
    pub async fn delete(&self, segments: &[(&str, i64)]) -> Result<(), Error> {
        for (channel_id, numbers) in by_channel(segments.iter().copied()) {
            for batch in numbers.chunks(BATCH) {
                let mut delete = Statement::new("DELETE FROM segments WHERE");
                among(&mut delete, channel_id, batch);
                self.db.execute(delete.sql, &delete.values).await?;
            }
        }
        Ok(())
    }

    /// Forgets all of a channel's segments but the newest, which keeps its count, some thousands at a time.
    pub async fn clear(&self, channel_id: &str) -> Result<(), Error> {
        let oldest = "SELECT MIN(msn) AS n FROM segments WHERE channel_id = ?";
        let newest = "SELECT MAX(msn) AS n FROM segments WHERE channel_id = ?";
        let (Some(mut below), Some(newest)) = (
            self.number(oldest, channel_id).await?,
            self.number(newest, channel_id).await?,
        ) else {
            return Ok(());
        };
        while below < newest {
            below = newest.min(below.saturating_add(RANGE));
            let sql = "DELETE FROM segments WHERE channel_id = ? AND msn < ?";
            self.db.execute(sql, values![channel_id, below]).await?;
        }
        Ok(())
    }

    /// The one number that a query about a channel or a session answers; none over no rows.
    async fn number(&self, sql: &'static str, id: &str) -> Result<Option<i64>, Error> {
        let rows = self.db.rows(sql, values![id]).await?;
        rows.first().map_or(Ok(None), |row| row.get("n"))
    }

    /// Inserts `batch`, all or nothing.
    async fn insert(&self, batch: &[Segment]) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut insert = Statement::new(
            "INSERT INTO segments (channel_id, msn, session_id, seq, name, started_at, duration_us, bytes, \
             discontinuity, discontinuity_seq, target_s, starts_show) VALUES",
        );
        insert.repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batch.len());
        for segment in batch {
            insert.values.extend_from_slice(values![
                &segment.channel_id,
                segment.msn,
                &segment.session_id,
                segment.seq,
                &segment.name,
                segment.started_at,
                segment.duration_us,
                segment.bytes,
                segment.discontinuity,
                segment.discontinuity_seq,
                segment.target_s,
                segment.starts_show,
            ]);
        }
        self.db.execute(insert.sql, &insert.values).await.map(drop)
    }

    /// Those of `batch` that are not there yet.
    async fn missing(&self, batch: &[Segment]) -> Result<Vec<Segment>, Error> {
        let places = batch.iter().map(|segment| (segment.channel_id.as_str(), segment.msn));
        let mut there = HashSet::new();
        for (channel_id, numbers) in by_channel(places) {
            let mut select = Statement::new("SELECT channel_id, msn FROM segments WHERE");
            among(&mut select, channel_id, &numbers);
            there.extend(self.db.all::<Place>(select.sql, &select.values).await?);
        }
        let missing = |segment: &&Segment| !there.contains(&Place(segment.channel_id.clone(), segment.msn));
        Ok(batch.iter().filter(missing).cloned().collect())
    }
}

/// Numbers by the channel they are of: a condition on one channel is answered out of the primary key.
pub(crate) fn by_channel<'s>(segments: impl Iterator<Item = (&'s str, i64)>) -> BTreeMap<&'s str, Vec<i64>> {
    let mut channels = BTreeMap::<_, Vec<_>>::new();
    for (channel_id, msn) in segments {
        channels.entry(channel_id).or_default().push(msn);
    }
    channels
}

/// Goes on with the condition that a segment is one of these.
pub(crate) fn among<'s>(statement: &mut Statement<'s>, channel_id: &'s str, numbers: &[i64]) {
    statement.push("channel_id = ? AND msn IN (", values![channel_id]);
    statement.repeat("?", numbers.len());
    statement.values.extend(numbers.iter().map(|msn| Value::from(*msn)));
    statement.push(")", &[]);
}

#[derive(PartialEq, Eq, Hash)]
struct Place(String, i64);

impl Record for Place {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self(row.get("channel_id")?, row.get("msn")?))
    }
}

impl Record for Segment {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("channel_id")?,
            msn: row.get("msn")?,
            session_id: row.get("session_id")?,
            seq: row.get("seq")?,
            name: row.get("name")?,
            started_at: row.get("started_at")?,
            duration_us: row.get("duration_us")?,
            bytes: row.get("bytes")?,
            discontinuity: row.get("discontinuity")?,
            discontinuity_seq: row.get("discontinuity_seq")?,
            target_s: row.get("target_s")?,
            starts_show: row.get("starts_show")?,
        })
    }
}
