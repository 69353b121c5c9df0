//! Work for the workers: a table with leases.
//!
//! A worker leases a job, says now and then that it is still at it, and completes or fails it. One that dies says
//! nothing: its lease runs out and the job is up for grabs again, so that every job is done at least once.

use sluice_domain::Millis;

use crate::Error;
use crate::dialect::Db;
use crate::row::{Record, Row};
use crate::statement::{Statement, Value, values};

/// Jobs looked at for one lease: enough that eight workers at once each find one that is free.
const CANDIDATES: i64 = 8;

/// The kind of job that removes a deleted channel's objects. Its payload: `{"slug", "deleted_at"}`, the time in
/// milliseconds.
pub const REMOVE_OBJECTS: &str = "remove_objects";

/// The kind of job that cuts a clip. Its payload: [`crate::clips::Order`].
pub const CLIP: &str = "clip";

/// The kind of job that removes a deleted clip's objects. Its payload: [`crate::clips::Order`].
pub const REMOVE_CLIP: &str = "remove_clip";

/// The jobs of a store.
pub struct Jobs<'a> {
    pub(crate) db: &'a Db,
}

/// A job to be queued.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// What is to be done; workers lease by it.
    pub kind: String,
    /// What to do it with, as JSON.
    pub payload: String,
    /// When it may begin; also recorded as when it was queued.
    pub run_at: Millis,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for a worker.
    Queued,
    /// A worker has it, or died with it.
    Running,
    /// Done.
    Done,
    /// Given up.
    Failed,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// What to do it with, as JSON.
    pub payload: String,
    /// How it stands.
    pub state: State,
    /// How often it was leased; names the lease together with the id.
    pub attempts: i64,
    /// Who leased it last.
    pub owner: Option<String>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

impl New {
    /// The statement that queues it.
    pub(crate) fn insert(&self) -> Statement<'_> {
        let sql = "INSERT INTO jobs (id, kind, payload, state, due_at, attempts, created_at) \
                   VALUES (?, ?, ?, 'queued', ?, 0, ?)";
        let values = values![&self.id, &self.kind, &self.payload, self.run_at, self.run_at];
        Statement::of(sql, values)
    }
}

impl Jobs<'_> {
    /// Queues a job. [`Error::Conflict`] if one with its id was queued before.
    pub async fn enqueue(&self, new: &New) -> Result<(), Error> {
        let insert = new.insert();
        self.db.execute(insert.sql, &insert.values).await.map(drop)
    }

    /// The job with this id.
    pub async fn by_id(&self, id: &str) -> Result<Option<Job>, Error> {
        self.db.one("SELECT * FROM jobs WHERE id = ?", values![id]).await
    }

    /// Takes the job of one of `kinds` that is due longest, until `lease_until`; none if nothing is due.
    ///
    /// Of several that try at once, one gets it. A job whose lease has run out is due.
    pub async fn lease(
        &self,
        kinds: &[&str],
        owner: &str,
        now: Millis,
        lease_until: Millis,
    ) -> Result<Option<Job>, Error> {
        if kinds.is_empty() {
            return Ok(None);
        }
        loop {
            let due = self.due(kinds, now).await?;
            if due.is_empty() {
                return Ok(None);
            }
            for job in due {
                if self.claim(&job, owner, now, lease_until).await? {
                    return Ok(Some(Job {
                        state: State::Running,
                        attempts: job.attempts + 1,
                        owner: Some(owner.to_owned()),
                        ..job
                    }));
                }
            }
        }
    }

    /// Extends the lease on a leased `job`. False if the lease is lost: somebody else has the job, or it is over.
    pub async fn heartbeat(&self, job: &Job, lease_until: Millis) -> Result<bool, Error> {
        let sql = "UPDATE jobs SET due_at = ? WHERE id = ? AND state = 'running' AND owner = ? AND attempts = ?";
        self.db
            .changed(sql, values![lease_until, &job.id, job.owner.as_deref(), job.attempts])
            .await
    }

    /// Records that a leased `job` is done. False if the lease is lost.
    pub async fn complete(&self, job: &Job) -> Result<bool, Error> {
        let sql = "UPDATE jobs SET state = 'done', due_at = NULL, error = NULL \
                   WHERE id = ? AND state = 'running' AND owner = ? AND attempts = ?";
        self.db
            .changed(sql, values![&job.id, job.owner.as_deref(), job.attempts])
            .await
    }

    /// Records why a leased `job` failed; it is tried again at `retry_at`, or given up. False if the lease is lost.
    pub async fn fail(&self, job: &Job, error: &str, retry_at: Option<Millis>) -> Result<bool, Error> {
        let state = if retry_at.is_some() {
            State::Queued
        } else {
            State::Failed
        };
        let sql = "UPDATE jobs SET state = ?, due_at = ?, error = ? \
                   WHERE id = ? AND state = 'running' AND owner = ? AND attempts = ?";
        let values = values![
            state.as_str(),
            retry_at,
            error,
            &job.id,
            job.owner.as_deref(),
            job.attempts,
        ];
        self.db.changed(sql, values).await
    }

    async fn due(&self, kinds: &[&str], now: Millis) -> Result<Vec<Job>, Error> {
        let mut select = Statement::new("SELECT * FROM jobs WHERE due_at <= ? AND kind IN (");
        select.values.extend_from_slice(values![now]);
        select.repeat("?", kinds.len());
        select.values.extend(kinds.iter().map(|kind| Value::from(*kind)));
        select.push(") ORDER BY due_at, id LIMIT ?", values![CANDIDATES]);
        self.db.all(select.sql, &select.values).await
    }

    async fn claim(&self, job: &Job, owner: &str, now: Millis, lease_until: Millis) -> Result<bool, Error> {
        let sql = "UPDATE jobs SET state = 'running', due_at = ?, owner = ?, attempts = attempts + 1 \
                   WHERE id = ? AND due_at <= ? AND attempts = ?";
        self.db
            .changed(sql, values![lease_until, owner, &job.id, now, job.attempts])
            .await
    }
}

impl Record for Job {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            payload: row.get("payload")?,
            state: row.get("state")?,
            attempts: row.get("attempts")?,
            owner: row.get("owner")?,
            error: row.get("error")?,
        })
    }
}
