//! What channels can be rewound to: their segments as playlists list them.

use sluice_domain::Millis;

use crate::Error;
use crate::dialect::Db;
use crate::offload::Place;
use crate::row::{Record, Row};
use crate::statement::values;

/// Rows read at a time: a fraction of a second on a slow disk, and a megabyte on the way.
const PAGE: i64 = 5000;

/// The segments of a store, as whoever lists them sees them.
pub struct Rewind<'a> {
    pub(crate) db: &'a Db,
}

/// A segment as a playlist lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its media sequence number.
    pub msn: i64,
    /// The wall clock at its first frame.
    pub started_at: Millis,
    /// Microseconds of media.
    pub duration_us: i64,
    /// Media does not go on from the segment before it.
    pub discontinuity: bool,
    /// Discontinuities of the channel up to and including this one.
    pub discontinuity_seq: i64,
    /// The target duration of its show, in seconds.
    pub target_s: i64,
    /// Where its bytes are.
    pub place: Place,
}

/// A segment and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The channel it is of.
    pub channel_id: String,
    /// Its media sequence number.
    pub msn: i64,
    /// Where its bytes are.
    pub place: Place,
}

impl Rewind<'_> {
    /// Hands a channel's segments that began at `since` or later to `each`, oldest first.
    pub async fn segments(&self, channel_id: &str, since: Millis, mut each: impl FnMut(Listed)) -> Result<(), Error> {
        let sql = "SELECT msn, started_at, duration_us, discontinuity, discontinuity_seq, target_s, place FROM segments \
                   WHERE channel_id = ? AND msn > ? AND started_at >= ? ORDER BY msn LIMIT ?";
        let mut newest = -1;
        loop {
            let page: Vec<Listed> = self.db.all(sql, values![channel_id, newest, since, PAGE]).await?;
            let Some(last) = page.last() else { return Ok(()) };
            newest = last.msn;
            page.into_iter().for_each(&mut each);
        }
    }

    /// All that is in one place, whichever channel it is of.
    pub async fn at(&self, place: Place) -> Result<Vec<At>, Error> {
        let sql = "SELECT channel_id, msn, place FROM segments WHERE place = ?";
        self.db.all(sql, values![place.as_str()]).await
    }

    /// Where a channel's segments are, from the one with the number `oldest` on.
    pub async fn places(&self, channel_id: &str, oldest: i64) -> Result<Vec<At>, Error> {
        let sql = "SELECT channel_id, msn, place FROM segments WHERE channel_id = ? AND msn >= ?";
        self.db.all(sql, values![channel_id, oldest]).await
    }
}

impl Record for At {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("channel_id")?,
            msn: row.get("msn")?,
            place: row.get("place")?,
        })
    }
}

impl Record for Listed {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            msn: row.get("msn")?,
            started_at: row.get("started_at")?,
            duration_us: row.get("duration_us")?,
            discontinuity: row.get("discontinuity")?,
            discontinuity_seq: row.get("discontinuity_seq")?,
            target_s: row.get("target_s")?,
            place: row.get("place")?,
        })
    }
}
