//! Pictures of channels, of their shows and of their pasts, for whoever shows them. How they come about is in
//! `thumbnailing`.
//!
//! A picture is an object, which never changes: what is made anew gets another name, and the old one stays for a while.
//! A name is the last part of its object's, without extension.

use sluice_domain::{Millis, storyboard};

use crate::Error;
use crate::dialect::Db;
use crate::row::{Record, Row};
use crate::statement::{Statement, Value, values};

/// Ids in one statement.
const BATCH: usize = 100;

/// The thumbnails of a store.
pub struct Thumbnails<'a> {
    pub(crate) db: &'a Db,
}

/// What a live channel is shown by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The channel.
    pub channel_id: String,
    /// Its name.
    pub name: String,
    /// The wall clock of what it shows.
    pub taken_at: Millis,
}

/// What a show is shown by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// The number of the segment that the show began with.
    pub first_msn: i64,
    /// Its name.
    pub name: String,
    /// The wall clock of what it shows.
    pub taken_at: Millis,
}

/// Five minutes of a channel in small pictures, laid out as [`storyboard`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The moment that it begins with.
    pub started_at: Millis,
    /// Its name.
    pub name: String,
    /// The wall clock of what each picture shows, in the order in which they lie on it; at least one. A picture stands for
    /// the time from its own moment to the next one's, but for no more of it than was recorded.
    pub tiles: Vec<Millis>,
}

impl Thumbnails<'_> {
    /// What these channels are shown by, as far as they are live or were a moment ago; in no order.
    pub async fn live(&self, channel_ids: &[&str]) -> Result<Vec<Live>, Error> {
        let mut found = Vec::new();
        for batch in channel_ids.chunks(BATCH) {
            let mut select =
                Statement::new("SELECT channel_id, object, taken_at FROM live_thumbnails WHERE channel_id IN (");
            select.repeat("?", batch.len());
            select.values.extend(batch.iter().map(|id| Value::from(*id)));
            select.push(")", &[]);
            found.extend(self.db.all::<Live>(select.sql, &select.values).await?);
        }
        Ok(found)
    }

    /// What these of a channel's shows, known by their first segments' numbers, are shown by; in no order.
    pub async fn posters(&self, channel_id: &str, first_msns: &[i64]) -> Result<Vec<Poster>, Error> {
        let mut found = Vec::new();
        for batch in first_msns.chunks(BATCH) {
            let mut select = Statement::of(
                "SELECT first_msn, object, taken_at FROM show_posters \
                 WHERE channel_id = ? AND object IS NOT NULL AND first_msn IN (",
                values![channel_id],
            );
            select.repeat("?", batch.len());
            select.values.extend(batch.iter().map(|msn| Value::from(*msn)));
            select.push(")", &[]);
            found.extend(self.db.all::<Poster>(select.sql, &select.values).await?);
        }
        Ok(found)
    }

    /// A channel's sheets with pictures of the time from `from` to before `until`, oldest first.
    pub async fn sheets(&self, channel_id: &str, from: Millis, until: Millis) -> Result<Vec<Sheet>, Error> {
        let sql = "SELECT started_at, object, tiles FROM storyboard_sheets WHERE channel_id = ? AND object IS NOT NULL \
                   AND started_at > ? AND started_at < ? ORDER BY started_at";
        self.db
            .all(sql, values![channel_id, from.minus(storyboard::SHEET), until])
            .await
    }
}

impl Record for Live {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            channel_id: row.get("channel_id")?,
            name: name(row)?,
            taken_at: row.get("taken_at")?,
        })
    }
}

impl Record for Poster {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            first_msn: row.get("first_msn")?,
            name: name(row)?,
            taken_at: row.get("taken_at")?,
        })
    }
}

impl Record for Sheet {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            started_at: row.get("started_at")?,
            name: name(row)?,
            tiles: tiles(row)?,
        })
    }
}

/// The moments of a row's pictures.
pub(crate) fn tiles(row: &Row) -> Result<Vec<Millis>, Error> {
    let json: String = row.get("tiles")?;
    serde_json::from_str(&json).map_err(|error| Error::Database(error.into()))
}

fn name(row: &Row) -> Result<String, Error> {
    let object: String = row.get("object")?;
    let file = object.rsplit('/').next().unwrap_or_default();
    Ok(file.strip_suffix(".jpg").unwrap_or(file).to_owned())
}
