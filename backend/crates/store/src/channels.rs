//! The channels.

use std::collections::HashMap;

use sluice_domain::{Access, ClipPolicy, Dvr, Millis, Rewind};

use crate::Error;
use crate::dialect::Db;
use crate::page::{Page, rows_wanted};
use crate::row::{Record, Row};
use crate::statement::{Statement, anywhere, values};

/// The channels of a store.
pub struct Channels<'a> {
    pub(crate) db: &'a Db,
}

/// A channel to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// Its name in URLs; never changes.
    pub slug: String,
    /// The account it belongs to.
    pub owner_id: String,
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Who may watch.
    pub access: Access,
    /// Whether a new encoder replaces a working one.
    pub takeover: bool,
    /// When it is made.
    pub created_at: Millis,
}

/// A channel as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Its name in URLs; unique, never changes.
    pub slug: String,
    /// The account it belongs to.
    pub owner_id: String,
    /// The owner's name.
    pub owner_name: String,
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Who may watch.
    pub access: Access,
    /// Whether a new encoder replaces a working one.
    pub takeover: bool,
    /// Who may rewind it, and how far.
    pub rewind: Rewind,
    /// Who may cut clips from it.
    pub clips: ClipPolicy,
    /// When it was made.
    pub created_at: Millis,
}

/// Which channels to list; by default all, from the newest on.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Only this account's.
    pub owner: Option<&'a str>,
    /// Only those that this reader may find in a list.
    pub audience: Audience<'a>,
    /// Only those that are live, or only those that are not.
    pub live: Option<bool>,
    /// Only those with this text in their slug or title.
    pub query: Option<&'a str>,
    /// Goes on behind the page that gave this cursor.
    pub cursor: Option<&'a str>,
    /// Channels a page.
    pub limit: u32,
}

/// Who reads a list of channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Somebody who may find every channel.
    #[default]
    Administrator,
    /// The account with this id, which finds its own and what is public.
    Account(&'a str),
    /// Anybody; finds what is public.
    Everyone,
}

/// What to change on a channel; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// A new policy for viewers.
    pub access: Option<Access>,
    /// A new policy for encoders.
    pub takeover: Option<bool>,
    /// A new policy for those who rewind.
    pub dvr: Option<Dvr>,
    /// A new rewind window in hours; `Some(None)` for the site's.
    pub dvr_window_hours: Option<Option<u32>>,
    /// A new policy for those who cut clips.
    pub clips: Option<ClipPolicy>,
}

const SELECT: &str = "SELECT c.*, a.display_name AS owner_name FROM channels c JOIN accounts a ON a.id = c.owner_id";

impl Channels<'_> {
    /// Makes a channel. [`Error::Conflict`] if the slug is taken, [`Error::Missing`] if the owner is not there.
    pub async fn create(&self, new: &New) -> Result<(), Error> {
        let sql = "INSERT INTO channels \
                   (id, slug, owner_id, title, title_folded, description, access, takeover, created_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let folded = new.title.to_lowercase();
        let values = values![
            &new.id,
            &new.slug,
            &new.owner_id,
            &new.title,
            &folded,
            &new.description,
            new.access.as_str(),
            new.takeover,
            new.created_at,
        ];
        self.db.execute(sql, values).await.map(drop)
    }

    /// The channel with this slug.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Channel>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE c.slug = ?", values![slug]);
        self.db.one(select.sql, &select.values).await
    }

    /// The channel with this id.
    pub async fn by_id(&self, id: &str) -> Result<Option<Channel>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE c.id = ?", values![id]);
        self.db.one(select.sql, &select.values).await
    }

    /// The channels that `filter` lets through, newest first.
    pub async fn list(&self, filter: &Filter<'_>) -> Result<Page<Channel>, Error> {
        let pattern = filter.query.map(anywhere);
        let mut select = Statement::new(SELECT);
        select.push("WHERE 1 = 1", &[]);
        if let Some(owner) = filter.owner {
            select.push("AND c.owner_id = ?", values![owner]);
        }
        match filter.audience {
            Audience::Administrator => &mut select,
            Audience::Account(id) => select.push("AND (c.access = 'public' OR c.owner_id = ?)", values![id]),
            Audience::Everyone => select.push("AND c.access = 'public'", &[]),
        };
        match filter.live {
            Some(true) => select.push("AND c.id IN (SELECT live_channel_id FROM publish_sessions)", &[]),
            // NOT EXISTS, as NOT IN is never true of a list with a NULL in it.
            Some(false) => select.push(
                "AND NOT EXISTS (SELECT 1 FROM publish_sessions s WHERE s.live_channel_id = c.id)",
                &[],
            ),
            None => &mut select,
        };
        if let Some(pattern) = &pattern {
            let found = "AND (c.slug LIKE ? ESCAPE '!' OR c.title_folded LIKE ? ESCAPE '!')";
            select.push(found, values![pattern, pattern]);
        }
        if let Some(cursor) = filter.cursor {
            select.push("AND c.id < ?", values![cursor]);
        }
        select.push("ORDER BY c.id DESC LIMIT ?", values![rows_wanted(filter.limit)]);
        let rows = self.db.all(select.sql, &select.values).await?;
        Ok(Page::cut(rows, filter.limit, |channel: &Channel| &channel.id))
    }

    /// Changes what `patch` names. False if there is no such channel.
    pub async fn update(&self, id: &str, patch: &Patch) -> Result<bool, Error> {
        let folded = patch.title.as_ref().map(|title| title.to_lowercase());
        let mut update = Statement::new("UPDATE channels SET id = id");
        if let (Some(title), Some(folded)) = (&patch.title, &folded) {
            update.push(", title = ?, title_folded = ?", values![title, folded]);
        }
        if let Some(description) = &patch.description {
            update.push(", description = ?", values![description]);
        }
        if let Some(access) = patch.access {
            update.push(", access = ?", values![access.as_str()]);
        }
        if let Some(takeover) = patch.takeover {
            update.push(", takeover = ?", values![takeover]);
        }
        if let Some(dvr) = patch.dvr {
            update.push(", dvr = ?", values![dvr.as_str()]);
        }
        if let Some(hours) = patch.dvr_window_hours {
            update.push(", dvr_window_hours = ?", values![hours.map(i64::from)]);
        }
        if let Some(clips) = patch.clips {
            update.push(", clips = ?", values![clips.as_str()]);
        }
        update.push("WHERE id = ?", values![id]);
        Ok(self.db.execute(update.sql, &update.values).await? > 0)
    }

    /// Who may rewind each of the channels, and how far, by their ids.
    pub async fn rewinds(&self) -> Result<HashMap<String, Rewind>, Error> {
        let rows = self
            .db
            .rows("SELECT id, dvr, dvr_window_hours FROM channels", &[])
            .await?;
        rows.iter()
            .map(|row| Ok((row.get("id")?, Rewind::read(row)?)))
            .collect()
    }

    /// Removes a channel with its keys, sessions and segments; what it was shown by is waste from now on. False if there is
    /// no such channel.
    pub async fn delete(&self, id: &str) -> Result<bool, Error> {
        let waste = Statement::of(
            "INSERT INTO thumbnail_waste (object, due_at) SELECT shown.object, 0 FROM \
             (SELECT object FROM live_thumbnails WHERE channel_id = ? \
             UNION ALL SELECT object FROM show_posters WHERE channel_id = ? \
             UNION ALL SELECT object FROM storyboard_sheets WHERE channel_id = ?) shown WHERE shown.object IS NOT NULL",
            values![id, id, id],
        );
        let delete = Statement::of("DELETE FROM channels WHERE id = ?", values![id]);
        let steps = [waste.optional(), delete];
        match self.db.together(&steps).await {
            // One of its pictures was replaced at this moment, and is waste already.
            Err(Error::Conflict) => self.db.together(&steps).await,
            deleted => deleted,
        }
    }
}

impl Record for Rewind {
    fn read(row: &Row) -> Result<Self, Error> {
        let hours: Option<i64> = row.get("dvr_window_hours")?;
        Ok(Self {
            dvr: row.get("dvr")?,
            window_hours: hours.and_then(|hours| u32::try_from(hours).ok()),
        })
    }
}

impl Record for Channel {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("id")?,
            slug: row.get("slug")?,
            owner_id: row.get("owner_id")?,
            owner_name: row.get("owner_name")?,
            title: row.get("title")?,
            description: row.get("description")?,
            access: row.get("access")?,
            takeover: row.get("takeover")?,
            rewind: Rewind::read(row)?,
            clips: row.get("clips")?,
            created_at: row.get("created_at")?,
        })
    }
}
