//! Which segments may go: by the windows of their channels, unless their show is kept, and because it was deleted.

use std::collections::HashMap;
use std::ops::Range;

use sluice_domain::Millis;

use crate::Error;
use crate::clipping::NOT_IN_A_CLIP;
use crate::offload::Place;
use crate::row::{Record, Row};
use crate::segments::Segments;
use crate::statement::{Statement, values};

/// A segment whose time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The channel it is of.
    pub channel_id: String,
    /// The channel's name in URLs and in the archive.
    pub slug: String,
    /// Its media sequence number.
    pub msn: i64,
    /// Its name in the archive, without extension.
    pub name: String,
    /// Where its bytes were.
    pub place: Place,
    /// It is its channel's newest, of a show that was deleted: its row keeps the channel's count and stays.
    pub keeps_count: bool,
}

/// A channel and the numbers of its segments.
#[derive(Debug)]
struct Held {
    channel_id: String,
    slug: String,
    window_hours: Option<i64>,
    oldest: Option<i64>,
    newest: Option<i64>,
}

/// A show that is not like others.
#[derive(Debug)]
struct Mark {
    channel_id: String,
    first: i64,
    last: i64,
    is_deleted: bool,
}

/// Numbers of segments that may go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    numbers: Range<i64>,
    is_deleted: bool,
}

impl Segments<'_> {
    /// Up to `limit` segments that are over, of each channel the oldest first: those that began before the moment that
    /// `before` names for a channel with a window of its own, in hours, or with none; and those of deleted shows. Never
    /// those of shows that are kept, nor what a clip is being made of; and never a channel's newest, unless its show was
    /// deleted.
    pub async fn expired(&self, before: impl Fn(Option<u32>) -> Millis, limit: u32) -> Result<Vec<Expired>, Error> {
        let mut marks = self.marks().await?;
        let mut found = Vec::new();
        for held in self.held().await? {
            let own = marks.remove(&held.channel_id).unwrap_or_default();
            let hours = held.window_hours.and_then(|hours| u32::try_from(hours).ok());
            let before = before(hours);
            for stretch in held.stretches(&own) {
                let left = i64::from(limit).saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
                if left <= 0 {
                    return Ok(found);
                }
                found.extend(self.over(&held, &stretch, before, left).await?);
            }
        }
        Ok(found)
    }

    /// Records that nothing is left of a segment whose row keeps its channel's count.
    pub async fn hollow(&self, channel_id: &str, msn: i64) -> Result<(), Error> {
        let sql = "UPDATE segments SET bytes = 0, place = 'lost', checksum = NULL WHERE channel_id = ? AND msn = ?";
        self.db.execute(sql, values![channel_id, msn]).await.map(drop)
    }

    /// Every channel, with the ends of its segments.
    async fn held(&self) -> Result<Vec<Held>, Error> {
        let sql = "SELECT c.id, c.slug, c.dvr_window_hours, \
                   (SELECT MIN(s.msn) FROM segments s WHERE s.channel_id = c.id) AS oldest, \
                   (SELECT MAX(s.msn) FROM segments s WHERE s.channel_id = c.id) AS newest FROM channels c ORDER BY c.id";
        self.db.all(sql, &[]).await
    }

    /// The kept and the deleted shows of each channel, oldest first.
    async fn marks(&self) -> Result<HashMap<String, Vec<Mark>>, Error> {
        let sql = "SELECT channel_id, first_msn, last_msn, deleted_at FROM recordings \
                   WHERE kept_at IS NOT NULL OR deleted_at IS NOT NULL ORDER BY channel_id, first_msn";
        let mut channels = HashMap::<String, Vec<Mark>>::new();
        for mark in self.db.all::<Mark>(sql, &[]).await? {
            channels.entry(mark.channel_id.clone()).or_default().push(mark);
        }
        Ok(channels)
    }

    /// The segments of a stretch that are over. Of one that is not deleted they stand at its beginning, as a channel's
    /// clock never steps back.
    async fn over(&self, held: &Held, stretch: &Stretch, before: Millis, limit: i64) -> Result<Vec<Expired>, Error> {
        let Range { start, end } = stretch.numbers;
        let mut select = Statement::new("SELECT s.msn, s.name, s.started_at, s.bytes, s.place FROM segments s");
        select.push(
            "WHERE s.channel_id = ? AND s.msn >= ? AND s.msn < ?",
            values![&held.channel_id, start, end],
        );
        if !stretch.is_deleted {
            select.push(NOT_IN_A_CLIP, &[]);
        }
        select.push("ORDER BY s.msn LIMIT ?", values![limit]);
        let rows = self.db.rows(select.sql, &select.values).await?;
        let mut over = Vec::new();
        for row in rows {
            let (msn, bytes): (i64, i64) = (row.get("msn")?, row.get("bytes")?);
            let is_newest = Some(msn) == held.newest;
            let is_over = if stretch.is_deleted {
                !is_newest || bytes > 0
            } else {
                !is_newest && row.get::<Millis>("started_at")? < before
            };
            if is_over {
                over.push(Expired {
                    channel_id: held.channel_id.clone(),
                    slug: held.slug.clone(),
                    name: row.get("name")?,
                    place: row.get("place")?,
                    keeps_count: is_newest,
                    msn,
                });
            }
        }
        Ok(over)
    }
}

impl Held {
    /// What is left of the channel's numbers when those of kept shows are taken out; deleted shows apart.
    fn stretches(&self, marks: &[Mark]) -> Vec<Stretch> {
        let (Some(mut next), Some(newest)) = (self.oldest, self.newest) else {
            return Vec::new();
        };
        let end = newest.saturating_add(1);
        let mut stretches = Vec::new();
        let mut add = |numbers: Range<i64>, is_deleted| {
            if numbers.start < numbers.end {
                stretches.push(Stretch { numbers, is_deleted });
            }
        };
        for mark in marks {
            let behind = mark.last.saturating_add(1).min(end);
            add(next..mark.first.min(end), false);
            if mark.is_deleted {
                add(next.max(mark.first)..behind, true);
            }
            next = next.max(behind);
        }
        add(next..end, false);
        stretches
    }
}

impl Record for Held {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("id")?,
            slug: row.get("slug")?,
            window_hours: row.get("dvr_window_hours")?,
            oldest: row.get("oldest")?,
            newest: row.get("newest")?,
        })
    }
}

impl Record for Mark {
    fn read(row: &Row) -> Result<Self, Error> {
        let deleted_at: Option<Millis> = row.get("deleted_at")?;
        let last: Option<i64> = row.get("last_msn")?;
        Ok(Self {
            channel_id: row.get("channel_id")?,
            first: row.get("first_msn")?,
            last: last.unwrap_or(i64::MAX),
            is_deleted: deleted_at.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(oldest: i64, newest: i64, marks: &[(i64, i64, bool)]) -> Vec<(i64, i64, bool)> {
        let held = Held {
            channel_id: String::new(),
            slug: String::new(),
            window_hours: None,
            oldest: Some(oldest),
            newest: Some(newest),
        };
        let mark = |&(first, last, is_deleted): &(i64, i64, bool)| Mark {
            channel_id: String::new(),
            first,
            last,
            is_deleted,
        };
        let marks: Vec<Mark> = marks.iter().map(mark).collect();
        let stretches = held.stretches(&marks).into_iter();
        stretches
            .map(|at| (at.numbers.start, at.numbers.end, at.is_deleted))
            .collect()
    }

    #[test]
    fn kept_shows_are_taken_out_and_deleted_ones_are_told_apart() {
        assert_eq!(stretches(0, 9, &[]), [(0, 10, false)]);
        assert_eq!(stretches(0, 9, &[(3, 5, false)]), [(0, 3, false), (6, 10, false)]);
        assert_eq!(
            stretches(0, 9, &[(0, 2, false), (3, 5, true), (8, 9, true)]),
            [(3, 6, true), (6, 8, false), (8, 10, true)]
        );
        // One that is on air, and one whose beginning is gone.
        assert_eq!(stretches(4, 9, &[(0, 5, false), (8, i64::MAX, false)]), [(6, 8, false)]);
        assert_eq!(
            stretches(4, 9, &[(0, 5, true), (20, 30, true)]),
            [(4, 6, true), (6, 10, false)]
        );
        assert_eq!(stretches(4, 9, &[(0, 2, true)]), [(4, 10, false)]);
    }
}
