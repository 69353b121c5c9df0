//! Where each segment's bytes are: on this machine's disk, in the object store, or both.
//!
//! A segment begins on disk. Once the object store was seen to have it, it is in both places, and may leave the disk.

use sluice_domain::Millis;

use crate::Error;
use crate::clipping::NOT_IN_A_CLIP;
use crate::dialect::Db;
use crate::row::{Record, Row};
use crate::segments::{among, by_channel};
use crate::statement::{Statement, values};

/// Rows changed by one statement.
const BATCH: usize = 100;

/// The segments of a store, as whoever moves them sees them.
pub struct Offload<'a> {
    pub(crate) db: &'a Db,
}

/// Where a segment's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// On disk only: it waits to be stored.
    Disk,
    /// On disk and, as was seen, in the object store.
    Both,
    /// In the object store only.
    Store,
    /// Nowhere: its file was gone before it was stored.
    Lost,
}

impl Place {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Both => "both",
            Self::Store => "store",
            Self::Lost => "lost",
        }
    }

    /// Whether the object store was seen to have it.
    pub const fn is_stored(self) -> bool {
        matches!(self, Self::Both | Self::Store)
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Disk, Self::Both, Self::Store, Self::Lost]
            .into_iter()
            .find(|place| place.as_str() == word)
    }
}

/// A segment and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The channel it is of.
    pub channel_id: String,
    /// The channel's name in URLs, in the archive and in the object store.
    pub slug: String,
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
    /// Where its bytes are.
    pub place: Place,
    /// The checksum that the object store was seen to have it with.
    pub checksum: Option<String>,
}

/// What is in one place, all channels together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The place.
    pub place: Place,
    /// How many segments.
    pub segments: i64,
    /// Their bytes.
    pub bytes: i64,
    /// When the oldest of them began.
    pub oldest_at: Millis,
}

impl Offload<'_> {
    /// Up to `limit` segments that wait to be stored, newest first: what is on air now is safe first.
    pub async fn waiting(&self, limit: u32) -> Result<Vec<Kept>, Error> {
        let mut select = kept(Place::Disk);
        select.push("ORDER BY s.started_at DESC LIMIT ?", values![i64::from(limit)]);
        self.db.all(select.sql, &select.values).await
    }

    /// Up to `limit` segments that are in both places and began before `before`, oldest first; but for what a clip is
    /// being made of.
    pub async fn evictable(&self, before: Millis, limit: u32) -> Result<Vec<Kept>, Error> {
        let mut select = kept(Place::Both);
        select
            .push("AND s.started_at < ?", values![before])
            .push(NOT_IN_A_CLIP, &[])
            .push("ORDER BY s.started_at LIMIT ?", values![i64::from(limit)]);
        self.db.all(select.sql, &select.values).await
    }

    /// One segment; nothing where there is none of this number.
    pub async fn find(&self, channel_id: &str, msn: i64) -> Result<Option<Kept>, Error> {
        let sql = "SELECT s.channel_id, c.slug, s.msn, s.name, s.started_at, s.duration_us, s.bytes, s.place, s.checksum \
                   FROM segments s JOIN channels c ON c.id = s.channel_id WHERE s.channel_id = ? AND s.msn = ?";
        self.db.one(sql, values![channel_id, msn]).await
    }

    /// Records that the object store was seen to have a segment. False if the segment is gone, or not on disk only.
    pub async fn stored(&self, channel_id: &str, msn: i64, checksum: &str, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE segments SET place = 'both', checksum = ?, stored_at = ? \
                   WHERE channel_id = ? AND msn = ? AND place = 'disk'";
        self.db.changed(sql, values![checksum, now, channel_id, msn]).await
    }

    /// Records that a segment that was never stored is not on disk either.
    pub async fn lost(&self, channel_id: &str, msn: i64) -> Result<bool, Error> {
        let sql = "UPDATE segments SET place = 'lost' WHERE channel_id = ? AND msn = ? AND place = 'disk'";
        self.db.changed(sql, values![channel_id, msn]).await
    }

    /// Has lost segments wait again, for another look; those of deleted shows are meant to be lost.
    pub async fn look_again(&self) -> Result<(), Error> {
        let sql = "UPDATE segments SET place = 'disk' WHERE place = 'lost' AND NOT EXISTS \
                   (SELECT 1 FROM recordings r WHERE r.deleted_at IS NOT NULL AND r.channel_id = segments.channel_id \
                   AND segments.msn >= r.first_msn AND segments.msn <= r.last_msn)";
        self.db.execute(sql, &[]).await.map(drop)
    }

    /// Records that segments have left the disk; those that were not in both places stay as they are.
    pub async fn evicted(&self, segments: &[(&str, i64)], now: Millis) -> Result<(), Error> {
        let set = || {
            let mut update =
                Statement::new("UPDATE segments SET place = 'store', evicted_at = ? WHERE place = 'both' AND");
            update.values.extend_from_slice(values![now]);
            update
        };
        self.each(segments, set).await
    }

    /// Records that the object store does not have segments any more that are still on disk: they wait again.
    pub async fn missed(&self, segments: &[(&str, i64)]) -> Result<(), Error> {
        let set = || {
            Statement::new(
                "UPDATE segments SET place = 'disk', checksum = NULL, stored_at = NULL WHERE place = 'both' AND",
            )
        };
        self.each(segments, set).await
    }

    /// What is in each place, by its order; a place with nothing in it is left out.
    pub async fn amounts(&self) -> Result<Vec<Amount>, Error> {
        let sum = self.db.sum("bytes");
        let sql = format!(
            "SELECT place, COUNT(*) AS segments, {sum} AS bytes, MIN(started_at) AS oldest_at FROM segments GROUP BY place"
        );
        let mut amounts: Vec<Amount> = self.db.all(sql, &[]).await?;
        amounts.sort_by_key(|amount| amount.place);
        Ok(amounts)
    }

    /// What waits to be stored; nothing where nothing waits.
    pub async fn backlog(&self) -> Result<Option<Amount>, Error> {
        let sum = self.db.sum("bytes");
        let sql = format!(
            "SELECT place, COUNT(*) AS segments, {sum} AS bytes, MIN(started_at) AS oldest_at FROM segments \
             WHERE place = 'disk' GROUP BY place"
        );
        self.db.one(sql, &[]).await
    }

    /// Runs an update for segments, by channel and number.
    async fn each<'s>(&self, segments: &[(&'s str, i64)], update: impl Fn() -> Statement<'s>) -> Result<(), Error> {
        for (channel_id, numbers) in by_channel(segments.iter().copied()) {
            for batch in numbers.chunks(BATCH) {
                let mut update = update();
                among(&mut update, channel_id, batch);
                self.db.execute(update.sql, &update.values).await?;
            }
        }
        Ok(())
    }
}

/// Begins to ask for the segments in one place.
fn kept(place: Place) -> Statement<'static> {
    Statement::of(
        "SELECT s.channel_id, c.slug, s.msn, s.name, s.started_at, s.duration_us, s.bytes, s.place, s.checksum \
         FROM segments s JOIN channels c ON c.id = s.channel_id WHERE s.place = ?",
        values![place.as_str()],
    )
}

impl Record for Kept {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("channel_id")?,
            slug: row.get("slug")?,
            msn: row.get("msn")?,
            name: row.get("name")?,
            started_at: row.get("started_at")?,
            duration_us: row.get("duration_us")?,
            bytes: row.get("bytes")?,
            place: row.get("place")?,
            checksum: row.get("checksum")?,
        })
    }
}

impl Record for Amount {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            place: row.get("place")?,
            segments: row.get("segments")?,
            bytes: row.get("bytes")?,
            oldest_at: row.get("oldest_at")?,
        })
    }
}
