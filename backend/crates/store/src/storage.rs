//! What uploaders say of their disks and their work, for administrators.

use std::collections::HashMap;

use sluice_domain::Millis;

use crate::Error;
use crate::dialect::Db;
use crate::row::{Record, Row};
use crate::statement::values;

/// The reports of a store.
pub struct Storage<'a> {
    pub(crate) db: &'a Db,
}

/// How an uploader fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The object store takes what it is given.
    Working,
    /// It does not for the moment; the uploader tries again.
    Waiting,
    /// It will not before somebody acts: a wrong secret, no such bucket.
    Stuck,
}

impl State {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Waiting => "waiting",
            Self::Stuck => "stuck",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Working, Self::Waiting, Self::Stuck]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// What an uploader last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The machine.
    pub node: String,
    /// Its object store: a directory, or a bucket at its server.
    pub store: String,
    /// How it fares.
    pub state: State,
    /// What keeps it from working, in a sentence.
    pub problem: Option<String>,
    /// When the uploader was started.
    pub started_at: Millis,
    /// When it said this.
    pub reported_at: Millis,
    /// What the archive's disk takes in all, in bytes.
    pub disk_total_bytes: i64,
    /// What is free on it, in bytes.
    pub disk_free_bytes: i64,
    /// From this fill on segments leave the disk.
    pub disk_high_percent: i64,
    /// Until it is down to this one.
    pub disk_low_percent: i64,
    /// Segments stored since the start.
    pub stored_segments: i64,
    /// Their bytes.
    pub stored_bytes: i64,
    /// Attempts that came to nothing since the start.
    pub failed_attempts: i64,
    /// Segments that left the disk since the start.
    pub evicted_segments: i64,
    /// Their bytes.
    pub evicted_bytes: i64,
    /// Segments whose file was gone before it was stored, since the start.
    pub lost_segments: i64,
}

/// What one channel takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The channel's name in URLs.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// How many segments it has, without those that are lost.
    pub segments: i64,
    /// Bytes of those that are on disk.
    pub disk_bytes: i64,
    /// Bytes of those that the object store has.
    pub stored_bytes: i64,
    /// Bytes of those that are kept beyond the rewind window.
    pub kept_bytes: i64,
}

impl Storage<'_> {
    /// What each channel takes that takes anything, by slug. Looks at every segment: not to be asked often.
    pub async fn by_channel(&self) -> Result<Vec<Taken>, Error> {
        let sql = format!(
            "SELECT c.id, c.slug, c.title, {} AS segments, {} AS disk_bytes, {} AS stored_bytes \
             FROM segments s JOIN channels c ON c.id = s.channel_id GROUP BY c.id, c.slug, c.title ORDER BY c.slug",
            self.db.sum("CASE WHEN s.place = 'lost' THEN 0 ELSE 1 END"),
            self.db
                .sum("CASE WHEN s.place IN ('disk', 'both') THEN s.bytes ELSE 0 END"),
            self.db
                .sum("CASE WHEN s.place IN ('both', 'store') THEN s.bytes ELSE 0 END"),
        );
        let mut kept = self.kept_by_channel().await?;
        let mut taken = Vec::new();
        for row in self.db.rows(sql, &[]).await? {
            let id: String = row.get("id")?;
            let channel = Taken {
                slug: row.get("slug")?,
                title: row.get("title")?,
                segments: row.get("segments")?,
                disk_bytes: row.get("disk_bytes")?,
                stored_bytes: row.get("stored_bytes")?,
                kept_bytes: kept.remove(&id).unwrap_or_default(),
            };
            if channel.segments > 0 {
                taken.push(channel);
            }
        }
        Ok(taken)
    }

    /// The bytes of kept shows, by their channels' ids.
    async fn kept_by_channel(&self) -> Result<HashMap<String, i64>, Error> {
        let sql = format!(
            "SELECT r.channel_id, {} AS bytes FROM recordings r JOIN segments s ON s.channel_id = r.channel_id \
             AND s.msn >= r.first_msn AND (r.last_msn IS NULL OR s.msn <= r.last_msn) AND s.place <> 'lost' \
             WHERE r.kept_at IS NOT NULL AND r.deleted_at IS NULL GROUP BY r.channel_id",
            self.db.sum("s.bytes"),
        );
        let rows = self.db.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok((row.get("channel_id")?, row.get("bytes")?)))
            .collect()
    }

    /// Takes a machine's report in place of its last one.
    pub async fn report(&self, report: &Report) -> Result<(), Error> {
        if self.update(report).await? {
            return Ok(());
        }
        match self.insert(report).await {
            // Somebody reported for the same machine at this moment.
            Err(Error::Conflict) => self.update(report).await.map(drop),
            inserted => inserted,
        }
    }

    /// The last report of each machine, by its name.
    pub async fn reports(&self) -> Result<Vec<Report>, Error> {
        self.db.all("SELECT * FROM storage_reports ORDER BY node", &[]).await
    }

    async fn update(&self, report: &Report) -> Result<bool, Error> {
        let sql = "UPDATE storage_reports SET store = ?, state = ?, problem = ?, started_at = ?, reported_at = ?, \
                   disk_total_bytes = ?, disk_free_bytes = ?, disk_high_percent = ?, disk_low_percent = ?, \
                   stored_segments = ?, stored_bytes = ?, failed_attempts = ?, evicted_segments = ?, \
                   evicted_bytes = ?, lost_segments = ? WHERE node = ?";
        let mut values = row(report).to_vec();
        values.push(report.node.as_str().into());
        self.db.changed(sql, &values).await
    }

    async fn insert(&self, report: &Report) -> Result<(), Error> {
        let sql = "INSERT INTO storage_reports (store, state, problem, started_at, reported_at, disk_total_bytes, \
                   disk_free_bytes, disk_high_percent, disk_low_percent, stored_segments, stored_bytes, \
                   failed_attempts, evicted_segments, evicted_bytes, lost_segments, node) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let mut values = row(report).to_vec();
        values.push(report.node.as_str().into());
        self.db.execute(sql, &values).await.map(drop)
    }
}

/// A report's values but the machine's name, in the order of both statements.
fn row(report: &Report) -> [crate::statement::Value<'_>; 15] {
    *values![
        &report.store,
        report.state.as_str(),
        report.problem.as_deref(),
        report.started_at,
        report.reported_at,
        report.disk_total_bytes,
        report.disk_free_bytes,
        report.disk_high_percent,
        report.disk_low_percent,
        report.stored_segments,
        report.stored_bytes,
        report.failed_attempts,
        report.evicted_segments,
        report.evicted_bytes,
        report.lost_segments,
    ]
}

impl Record for Report {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            node: row.get("node")?,
            store: row.get("store")?,
            state: row.get("state")?,
            problem: row.get("problem")?,
            started_at: row.get("started_at")?,
            reported_at: row.get("reported_at")?,
            disk_total_bytes: row.get("disk_total_bytes")?,
            disk_free_bytes: row.get("disk_free_bytes")?,
            disk_high_percent: row.get("disk_high_percent")?,
            disk_low_percent: row.get("disk_low_percent")?,
            stored_segments: row.get("stored_segments")?,
            stored_bytes: row.get("stored_bytes")?,
            failed_attempts: row.get("failed_attempts")?,
            evicted_segments: row.get("evicted_segments")?,
            evicted_bytes: row.get("evicted_bytes")?,
            lost_segments: row.get("lost_segments")?,
        })
    }
}
