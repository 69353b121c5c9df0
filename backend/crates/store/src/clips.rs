//! Clips: who asked for what, how each one stands, what was made. How they are made is in `clipping`.

use serde::{Deserialize, Serialize};
use sluice_domain::Millis;
use sluice_domain::clip::{Mode, Range, Reason, State};

use crate::Error;
use crate::dialect::Db;
use crate::jobs::{self, REMOVE_CLIP};
use crate::page::{Page, rows_wanted};
use crate::row::{Record, Row};
use crate::statement::{Statement, Value, anywhere, values};

/// Ids in one statement.
const BATCH: usize = 100;

/// The clips of a store.
pub struct Clips<'a> {
    pub(crate) db: &'a Db,
}

/// A clip that is asked for.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// The id of the job that makes it.
    pub job_id: String,
    /// The channel it is of.
    pub channel_id: String,
    /// That channel's name in URLs.
    pub slug: String,
    /// Who asks, if it is known.
    pub account_id: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// How it is cut.
    pub mode: Mode,
    /// What it shows.
    pub range: Range,
    /// When it may be cut.
    pub run_at: Millis,
    /// When it is asked for.
    pub created_at: Millis,
}

/// How many clips may be in the making when one more is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Of one account.
    pub of_account: u32,
    /// On one channel.
    pub of_channel: u32,
}

/// What became of the wish to have a clip made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It is queued.
    Queued,
    /// It did not come to nothing, or is not there any more.
    NotFailed,
    /// Too many are in the making, or its channel or its account has gone just now.
    NoRoom,
}

/// A clip as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Its id.
    pub id: String,
    /// The channel it is of.
    pub channel_id: String,
    /// That channel's name in URLs.
    pub slug: String,
    /// What that channel is called.
    pub channel_title: String,
    /// Whose channel it is.
    pub owner_id: String,
    /// Who asked for it; none where that is not known, or they are gone.
    pub account_id: Option<String>,
    /// Their name.
    pub account_name: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// How it is cut.
    pub mode: Mode,
    /// How it stands.
    pub state: State,
    /// The moment that it was to begin with.
    pub start_at: Millis,
    /// The moment that it was to end at.
    pub end_at: Millis,
    /// How much of it is made, in thousandths.
    pub progress: i64,
    /// What was made; none before it is ready.
    pub made: Option<Made>,
    /// Why it came to nothing, if it did.
    pub reason: Option<Reason>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When it was ready.
    pub ready_at: Option<Millis>,
    /// When any of this last changed.
    pub updated_at: Millis,
}

/// What was made of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The moment that it begins with.
    pub actual_start_at: Millis,
    /// Its length in milliseconds.
    pub duration_ms: i64,
    /// Its size.
    pub bytes: i64,
    /// Pixels; none without a picture, here and below.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: Option<i64>,
}

/// What a clip's jobs say of it: enough to know its objects when its row is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub clip: String,
    /// The name of its channel in URLs.
    pub slug: String,
    /// The moment that it was to begin with.
    pub start_at: Millis,
}

/// Which clips to list; by default all, from the newest on.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Only this channel's.
    pub channel: Option<&'a str>,
    /// Only those that this account asked for.
    pub account: Option<&'a str>,
    /// Only those that this reader may find in a list.
    pub audience: Audience<'a>,
    /// Only those with this text in their title or their channel's name.
    pub query: Option<&'a str>,
    /// Goes on behind the page that gave this cursor.
    pub cursor: Option<&'a str>,
    /// Clips a page.
    pub limit: u32,
}

/// Who reads a list of clips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Somebody who may find all of them.
    #[default]
    Manager,
    /// The account with this id, which finds its own and what is ready.
    Account(&'a str),
    /// Anybody; finds what is ready.
    Everyone,
}

const SELECT: &str = "SELECT k.*, c.slug, c.title AS channel_title, c.owner_id, a.display_name AS account_name \
                      FROM clips k JOIN channels c ON c.id = k.channel_id LEFT JOIN accounts a ON a.id = k.account_id";

impl Clips<'_> {
    /// Records that a clip is asked for, and queues its job. False, and nothing has happened, where there is no room for
    /// one more, or its channel or its account is gone.
    pub async fn create(&self, new: &New, room: Room) -> Result<bool, Error> {
        let job = job(jobs::CLIP, &new.job_id, &new.order(), new.run_at)?;
        let folded = new.title.as_ref().map(|title| title.to_lowercase());
        let mut steps = room.claim(new.account_id.as_ref(), &new.channel_id);
        steps.push(new.insert(folded.as_deref()));
        steps.push(job.insert());
        self.db.together(&steps).await
    }

    /// The clip with this id.
    pub async fn by_id(&self, id: &str) -> Result<Option<Clip>, Error> {
        let mut select = Statement::new(SELECT);
        select.push("WHERE k.id = ?", values![id]);
        self.db.one(select.sql, &select.values).await
    }

    /// The clips with these ids, as far as they are there; in no order.
    pub async fn by_ids(&self, ids: &[String]) -> Result<Vec<Clip>, Error> {
        let mut clips = Vec::new();
        for batch in ids.chunks(BATCH) {
            let mut select = Statement::new(SELECT);
            select.push("WHERE k.id IN (", &[]).repeat("?", batch.len());
            select.values.extend(batch.iter().map(Value::from));
            select.push(")", &[]);
            clips.extend(self.db.all::<Clip>(select.sql, &select.values).await?);
        }
        Ok(clips)
    }

    /// The clips that `filter` lets through, newest first.
    pub async fn list(&self, filter: &Filter<'_>) -> Result<Page<Clip>, Error> {
        let pattern = filter.query.map(anywhere);
        let mut select = Statement::new(SELECT);
        select.push("WHERE 1 = 1", &[]);
        if let Some(channel) = filter.channel {
            select.push("AND k.channel_id = ?", values![channel]);
        }
        if let Some(account) = filter.account {
            select.push("AND k.account_id = ?", values![account]);
        }
        match filter.audience {
            Audience::Manager => &mut select,
            Audience::Account(id) => select.push("AND (k.state = 'ready' OR k.account_id = ?)", values![id]),
            Audience::Everyone => select.push("AND k.state = 'ready'", &[]),
        };
        if let Some(pattern) = &pattern {
            let found = "AND (c.slug LIKE ? ESCAPE '!' OR k.title_folded LIKE ? ESCAPE '!')";
            select.push(found, values![pattern, pattern]);
        }
        if let Some(cursor) = filter.cursor {
            select.push("AND k.id < ?", values![cursor]);
        }
        select.push("ORDER BY k.id DESC LIMIT ?", values![rows_wanted(filter.limit)]);
        let rows = self.db.all(select.sql, &select.values).await?;
        Ok(Page::cut(rows, filter.limit, |clip: &Clip| &clip.id))
    }

    /// Names a clip, or takes its name away. False if there is no such clip.
    pub async fn rename(&self, id: &str, title: Option<&str>, now: Millis) -> Result<bool, Error> {
        let folded = title.map(str::to_lowercase);
        let sql = "UPDATE clips SET title = ?, title_folded = ?, updated_at = ? WHERE id = ?";
        self.db.changed(sql, values![title, folded.as_deref(), now, id]).await
    }

    /// Forgets a clip, and queues the removal of its objects for `run_at`. False if there is no such clip.
    pub async fn delete(&self, clip: &Clip, job_id: &str, run_at: Millis) -> Result<bool, Error> {
        let job = job(REMOVE_CLIP, job_id, &clip.order(), run_at)?;
        let delete = Statement::of("DELETE FROM clips WHERE id = ?", values![&clip.id]);
        self.db.together(&[delete, job.insert()]).await
    }

    /// Queues a clip again that came to nothing, where there is room for one more of whoever asked for it.
    pub async fn retry(&self, clip: &Clip, job_id: &str, room: Room, now: Millis) -> Result<Retried, Error> {
        let job = job(jobs::CLIP, job_id, &clip.order(), now)?;
        let sql = "UPDATE clips SET state = 'queued', progress = 0, reason = NULL, job_id = ?, attempt = 0, updated_at = ? \
                   WHERE id = ? AND state = 'failed'";
        let mut steps = room.claim(clip.account_id.as_ref(), &clip.channel_id);
        steps.push(Statement::of(sql, values![job_id, now, &clip.id]));
        steps.push(job.insert());
        if self.db.together(&steps).await? {
            return Ok(Retried::Queued);
        }
        let now = self.by_id(&clip.id).await?;
        Ok(match now.is_some_and(|now| now.state == State::Failed) {
            true => Retried::NoRoom,
            false => Retried::NotFailed,
        })
    }
}

impl Room {
    /// Statements that all meet a row only where there is room for one more. Whoever asks next on the same account or channel
    /// waits for the first of them, and counts what this one adds.
    fn claim<'s>(self, account_id: Option<&'s String>, channel_id: &'s String) -> Vec<Statement<'s>> {
        let account = account_id.map(|id| Statement::of("UPDATE accounts SET id = id WHERE id = ?", values![id]));
        let channel = Statement::of("UPDATE channels SET id = id WHERE id = ?", values![channel_id]);
        let of_channel = "UPDATE channels SET id = id WHERE id = ? AND \
                          (SELECT COUNT(*) FROM clips k WHERE k.channel_id = ? AND k.state IN ('queued', 'running')) < ?";
        let of_account = "UPDATE accounts SET id = id WHERE id = ? AND \
                          (SELECT COUNT(*) FROM clips k WHERE k.account_id = ? AND k.state IN ('queued', 'running')) < ?";
        let counted = |sql, id, most: u32| Statement::of(sql, values![id, id, i64::from(most)]);
        let waits = account.into_iter().chain([channel]);
        let counts = [counted(of_channel, channel_id, self.of_channel)];
        let counts = counts
            .into_iter()
            .chain(account_id.map(|id| counted(of_account, id, self.of_account)));
        waits.chain(counts).collect()
    }
}

fn job(kind: &str, id: &str, order: &Order, run_at: Millis) -> Result<jobs::New, Error> {
    Ok(jobs::New {
        id: id.to_owned(),
        kind: kind.to_owned(),
        payload: serde_json::to_string(order).map_err(|error| Error::Database(error.into()))?,
        run_at,
    })
}

impl New {
    fn order(&self) -> Order {
        Order {
            clip: self.id.clone(),
            slug: self.slug.clone(),
            start_at: self.range.start(),
        }
    }

    /// The statement that records it.
    fn insert<'s>(&'s self, folded: Option<&'s str>) -> Statement<'s> {
        Statement::of(
            "INSERT INTO clips (id, channel_id, account_id, title, title_folded, mode, state, start_ms, end_ms, progress, \
             job_id, attempt, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, 0, ?, 0, ?, ?)",
            values![
                &self.id,
                &self.channel_id,
                self.account_id.as_deref(),
                self.title.as_deref(),
                folded,
                self.mode.as_str(),
                self.range.start(),
                self.range.end(),
                &self.job_id,
                self.created_at,
                self.created_at,
            ],
        )
    }
}

impl Made {
    /// Whether there is anything to be seen.
    pub const fn has_picture(&self) -> bool {
        self.width.is_some()
    }
}

impl Clip {
    /// What its jobs say of it.
    pub fn order(&self) -> Order {
        Order {
            clip: self.id.clone(),
            slug: self.slug.clone(),
            start_at: self.start_at,
        }
    }
}

impl Record for Clip {
    fn read(row: &Row) -> Result<Self, Error> {
        let ready_at: Option<Millis> = row.get("ready_at")?;
        Ok(Self {
            id: row.get("id")?,
            channel_id: row.get("channel_id")?,
            slug: row.get("slug")?,
            channel_title: row.get("channel_title")?,
            owner_id: row.get("owner_id")?,
            account_id: row.get("account_id")?,
            account_name: row.get("account_name")?,
            title: row.get("title")?,
            mode: row.get("mode")?,
            state: row.get("state")?,
            start_at: row.get("start_ms")?,
            end_at: row.get("end_ms")?,
            progress: row.get("progress")?,
            made: ready_at.map(|_| Made::read(row)).transpose()?,
            reason: row.get("reason")?,
            created_at: row.get("created_at")?,
            ready_at,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl Record for Made {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            actual_start_at: row.get("actual_start_ms")?,
            duration_ms: row.get("duration_ms")?,
            bytes: row.get("bytes")?,
            width: row.get("width")?,
            height: row.get("height")?,
            frame_rate_milli: row.get("frame_rate_milli")?,
        })
    }
}
