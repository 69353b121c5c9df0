//! How thumbnails come about: what there is to make them from, what is missing, what was made, and what is to go.
//!
//! A row is only changed by who saw its last version, and only takes pictures of segments that are still there: two
//! thumbnailers, or one and a show's deletion, never undo each other's work.

use sluice_domain::{Millis, storyboard};

use crate::Error;
use crate::recordings::{Piece, Recording};
use crate::row::{Record, Row};
use crate::statement::{Statement, Value, values};
use crate::thumbnails::{Thumbnails, tiles};

/// A version of what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The object; none where no picture could be had.
    pub object: Option<String>,
    /// When it was made.
    pub made_at: Millis,
}

/// A channel that is live, and the newest segment of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The channel.
    pub channel_id: String,
    /// Its name in URLs.
    pub slug: String,
    /// The segment.
    pub newest: Piece,
    /// What the channel is shown by.
    pub shown: Option<Version>,
}

/// A sheet that there are segments for which it was not made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The channel.
    pub channel_id: String,
    /// Its name in URLs.
    pub slug: String,
    /// The moment that the sheet begins with.
    pub started_at: Millis,
    /// What there is of it, and the moments of its pictures.
    pub made: Option<(Version, Vec<Millis>)>,
}

/// A show without a poster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unposted {
    /// The name of its channel in URLs.
    pub slug: String,
    /// The show.
    pub show: Recording,
}

/// What a channel is to be shown by.
#[derive(Clone, Copy, Debug)]
pub struct NewLive<'a> {
    /// The channel.
    pub channel_id: &'a str,
    /// The object.
    pub object: &'a str,
    /// The wall clock of what it shows.
    pub taken_at: Millis,
    /// The number of its segment.
    pub msn: i64,
}

/// What a show is to be shown by.
#[derive(Clone, Copy, Debug)]
pub struct NewPoster<'a> {
    /// The show.
    pub show: &'a Recording,
    /// The object; none where no picture can be had.
    pub object: Option<&'a str>,
    /// The wall clock of what it shows.
    pub taken_at: Millis,
    /// The number of its segment.
    pub msn: i64,
}

/// A sheet that was made.
#[derive(Clone, Debug)]
pub struct NewSheet<'a> {
    /// The channel.
    pub channel_id: &'a str,
    /// The moment that it begins with.
    pub started_at: Millis,
    /// The object; none where no picture can be had.
    pub object: Option<&'a str>,
    /// Its size; none where it stays as it is.
    pub bytes: Option<i64>,
    /// The wall clock of what each picture shows, and the number of its segment.
    pub tiles: Vec<(Millis, i64)>,
    /// The numbers of the first and of the last segment that was looked at.
    pub segments: (i64, i64),
}

/// When something was made, and when what it replaces may go.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The moment.
    pub now: Millis,
    /// When the object that it replaces is due.
    pub due: Millis,
}

/// Sheets that lack something, within a time, that are settled.
const LACKING: &str = "SELECT c.id AS channel_id, c.slug, s.sheet AS started_at, t.object, t.made_at, t.tiles FROM \
     (SELECT channel_id, started_at - started_at % 300000 AS sheet, MAX(msn) AS last_msn FROM segments \
     WHERE started_at >= ? AND started_at < ? AND place <> 'lost' \
     GROUP BY channel_id, started_at - started_at % 300000) s \
     JOIN channels c ON c.id = s.channel_id \
     LEFT JOIN storyboard_sheets t ON t.channel_id = s.channel_id AND t.started_at = s.sheet \
     WHERE (t.last_msn IS NULL OR t.last_msn < s.last_msn) AND COALESCE(t.made_at, s.sheet) <= ?";

impl Thumbnails<'_> {
    /// The channels that are live and of which something is recorded since they are; in no order.
    pub async fn edges(&self) -> Result<Vec<Edge>, Error> {
        let sql = "SELECT c.id AS channel_id, c.slug, t.object, t.made_at, s.msn, s.name, s.started_at, s.duration_us, \
                   s.bytes, s.discontinuity, s.discontinuity_seq, s.place FROM publish_sessions p \
                   JOIN channels c ON c.id = p.live_channel_id \
                   JOIN segments s ON s.channel_id = c.id AND s.session_id = p.id \
                   AND s.msn = (SELECT MAX(n.msn) FROM segments n WHERE n.channel_id = c.id) \
                   LEFT JOIN live_thumbnails t ON t.channel_id = c.id WHERE s.place <> 'lost'";
        self.db.all(sql, &[]).await
    }

    /// Up to `limit` sheets of the time from `from` to before `until`, both at the beginning of one, that lack something,
    /// newest first: of those that began, or were last made, at `settled` at the latest.
    pub async fn lacking(
        &self,
        (from, until): (Millis, Millis),
        settled: Millis,
        limit: u32,
    ) -> Result<Vec<Lacking>, Error> {
        let mut select = Statement::new(LACKING);
        select.values.extend_from_slice(values![from, until, settled]);
        select.push("ORDER BY s.sheet DESC, s.channel_id LIMIT ?", values![i64::from(limit)]);
        self.db.all(select.sql, &select.values).await
    }

    /// Up to `limit` sheets of the time from `from` on that lack something, likewise, those first that do so for longest.
    pub async fn growing(&self, from: Millis, settled: Millis, limit: u32) -> Result<Vec<Lacking>, Error> {
        let mut select = Statement::new(LACKING);
        select
            .values
            .extend_from_slice(values![from, Millis(i64::MAX), settled]);
        let order = "ORDER BY COALESCE(t.made_at, s.sheet), s.channel_id LIMIT ?";
        select.push(order, values![i64::from(limit)]);
        self.db.all(select.sql, &select.values).await
    }

    /// When the newest segment of any channel began that began before a moment.
    pub async fn newest_before(&self, moment: Millis) -> Result<Option<Millis>, Error> {
        let sql = "SELECT MAX(started_at) AS n FROM segments WHERE started_at < ?";
        let rows = self.db.rows(sql, values![moment]).await?;
        rows.first().map_or(Ok(None), |row| row.get("n"))
    }

    /// The segments of a channel that begin on the sheet that begins with `started_at` and are not lost, oldest first.
    pub async fn pieces(&self, channel_id: &str, started_at: Millis) -> Result<Vec<Piece>, Error> {
        let values = values![started_at, started_at.plus(storyboard::SHEET)];
        let mut select = Piece::select(channel_id);
        select.push(
            "AND started_at >= ? AND started_at < ? AND place <> 'lost' ORDER BY msn",
            values,
        );
        self.db.all(select.sql, &select.values).await
    }

    /// Up to `limit` shows that nobody looked for a poster of and of which there is something to be seen, newest first.
    pub async fn unposted(&self, limit: u32) -> Result<Vec<Unposted>, Error> {
        let sql = "SELECT r.*, c.slug FROM recordings r JOIN channels c ON c.id = r.channel_id \
                   LEFT JOIN show_posters t ON t.channel_id = r.channel_id AND t.first_msn = r.first_msn \
                   WHERE r.deleted_at IS NULL AND t.channel_id IS NULL AND EXISTS (SELECT 1 FROM segments s \
                   WHERE s.channel_id = r.channel_id AND s.msn >= r.first_msn \
                   AND s.msn <= COALESCE(r.last_msn, s.msn) AND s.place <> 'lost') ORDER BY r.started_at DESC LIMIT ?";
        self.db.all(sql, values![i64::from(limit)]).await
    }

    /// Up to `limit` segments of a show that began at `from` or later and are not lost, oldest first.
    pub async fn pieces_from(&self, show: &Recording, from: Millis, limit: u32) -> Result<Vec<Piece>, Error> {
        let values = values![show.first_msn, show.reach(), from, i64::from(limit)];
        let mut select = Piece::select(&show.channel_id);
        select.push(
            "AND msn >= ? AND msn <= ? AND started_at >= ? AND place <> 'lost' ORDER BY msn LIMIT ?",
            values,
        );
        self.db.all(select.sql, &select.values).await
    }

    /// The newest segment of a show that is not lost.
    pub async fn newest_piece(&self, show: &Recording) -> Result<Option<Piece>, Error> {
        let mut select = Piece::select(&show.channel_id);
        select.push(
            "AND msn >= ? AND msn <= ? AND place <> 'lost' ORDER BY msn DESC LIMIT 1",
            values![show.first_msn, show.reach()],
        );
        self.db.one(select.sql, &select.values).await
    }

    /// Shows a channel by a picture from now on. False, and nothing has happened, where somebody else did so since
    /// `before` was read, its segment is gone, or its reservation is; so it is below.
    pub async fn show_live(&self, new: &NewLive<'_>, before: Option<&Version>, at: At) -> Result<bool, Error> {
        let mut row = match before {
            Some(before) => Statement::of(
                "UPDATE live_thumbnails SET object = ?, taken_at = ?, msn = ?, made_at = ? \
                 WHERE channel_id = ? AND made_at = ?",
                values![
                    new.object,
                    new.taken_at,
                    new.msn,
                    at.now,
                    new.channel_id,
                    before.made_at
                ],
            ),
            None => Statement::of(
                "INSERT INTO live_thumbnails (object, taken_at, msn, made_at, channel_id) \
                 SELECT ?, ?, ?, ?, c.id FROM channels c WHERE c.id = ?",
                values![new.object, new.taken_at, new.msn, at.now, new.channel_id],
            ),
        };
        all_there(&mut row, new.channel_id, &[new.msn]);
        self.take_over(Some(new.object), before, at, row).await
    }

    /// Shows a show by a picture, or records that there is none.
    pub async fn show_poster(&self, new: &NewPoster<'_>, at: At) -> Result<bool, Error> {
        let show = new.show;
        let mut row = Statement::of(
            "INSERT INTO show_posters (object, taken_at, msn, made_at, channel_id, first_msn) \
             SELECT ?, ?, ?, ?, r.channel_id, r.first_msn FROM recordings r \
             WHERE r.channel_id = ? AND r.first_msn = ? AND r.deleted_at IS NULL",
            values![
                new.object,
                new.taken_at,
                new.msn,
                at.now,
                &show.channel_id,
                show.first_msn
            ],
        );
        if new.object.is_some() {
            all_there(&mut row, &show.channel_id, &[new.msn]);
        }
        self.take_over(new.object, None, at, row).await
    }

    /// Shows five minutes by a sheet, or records that there is no picture of them. Where `object` is the one of `before`
    /// the sheet stays, and is only noted to lack nothing.
    pub async fn show_sheet(&self, new: &NewSheet<'_>, before: Option<&Version>, at: At) -> Result<bool, Error> {
        let (moments, numbers): (Vec<Millis>, Vec<i64>) = new.tiles.iter().copied().unzip();
        let tiles = serde_json::to_string(&moments).map_err(|error| Error::Database(error.into()))?;
        let (first, last) = new.segments;
        let mut row = match before {
            Some(before) => Statement::of(
                "UPDATE storyboard_sheets SET object = ?, tiles = ?, first_msn = ?, last_msn = ?, bytes = COALESCE(?, bytes), \
                 made_at = ? \
                 WHERE channel_id = ? AND started_at = ? AND made_at = ?",
                values![
                    new.object,
                    &tiles,
                    first,
                    last,
                    new.bytes,
                    at.now,
                    new.channel_id,
                    new.started_at,
                    before.made_at
                ],
            ),
            None => Statement::of(
                "INSERT INTO storyboard_sheets (object, tiles, first_msn, last_msn, bytes, made_at, started_at, channel_id) \
                 SELECT ?, ?, ?, ?, COALESCE(?, 0), ?, ?, c.id FROM channels c WHERE c.id = ?",
                values![
                    new.object,
                    &tiles,
                    first,
                    last,
                    new.bytes,
                    at.now,
                    new.started_at,
                    new.channel_id
                ],
            ),
        };
        all_there(&mut row, new.channel_id, &numbers);
        let is_same = before.is_some_and(|before| before.object.as_deref() == new.object);
        match is_same {
            true => self.db.together(&[row]).await,
            false => self.take_over(new.object, before, at, row).await,
        }
    }
}

/// Goes on with the condition that none of these segments is lost or gone.
fn all_there<'s>(row: &mut Statement<'s>, channel_id: &'s str, numbers: &[i64]) {
    if numbers.is_empty() {
        return;
    }
    row.push(
        "AND (SELECT COUNT(*) FROM segments s WHERE s.channel_id = ? AND s.place <> 'lost' AND s.msn IN (",
        values![channel_id],
    );
    row.repeat("?", numbers.len());
    row.values.extend(numbers.iter().map(|msn| Value::from(*msn)));
    row.push(")) = ?", values![i64::try_from(numbers.len()).unwrap_or(i64::MAX)]);
}

impl Record for Edge {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("channel_id")?,
            slug: row.get("slug")?,
            newest: Piece::read(row)?,
            shown: version(row)?,
        })
    }
}

impl Record for Lacking {
    fn read(row: &Row) -> Result<Self, Error> {
        let made = version(row)?;
        Ok(Self {
            channel_id: row.get("channel_id")?,
            slug: row.get("slug")?,
            started_at: row.get("started_at")?,
            made: made.map(|made| Ok::<_, Error>((made, tiles(row)?))).transpose()?,
        })
    }
}

impl Record for Unposted {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            slug: row.get("slug")?,
            show: Recording::read(row)?,
        })
    }
}

/// The version that a row joined from the right tells of.
fn version(row: &Row) -> Result<Option<Version>, Error> {
    let Some(made_at) = row.get::<Option<Millis>>("made_at")? else {
        return Ok(None);
    };
    Ok(Some(Version {
        object: row.get("object")?,
        made_at,
    }))
}
