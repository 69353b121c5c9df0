//! Everything Sluice remembers, on SQLite, PostgreSQL or MariaDB.
//!
//! Enter by [`Store::connect`], then ask by noun: `store.accounts().by_email(..)`. This is the only room with SQL;
//! what differs between the three databases is in one file, `dialect.rs`. It refuses to know rules: whether something
//! may happen is decided elsewhere, and time is passed in.
//!
//! Ids are made by the caller as UUIDv7 in simple form. Their order is the order of creation, and lists rely on it:
//! "newest first" is by descending id, and a page's cursor is the last id on it.

pub mod accounts;
pub mod channels;
mod clipping;
pub mod clips;
mod dialect;
mod error;
pub mod expiry;
pub mod jobs;
pub mod logins;
pub mod mail_tokens;
pub mod offload;
mod page;
pub mod publish_sessions;
pub mod recordings;
pub mod rewind;
mod row;
pub mod segments;
mod statement;
pub mod storage;
pub mod stream_keys;
mod thumbnail_waste;
pub mod thumbnailing;
pub mod thumbnails;

pub use error::{Cause, Error};
pub use page::Page;

use dialect::Db;

/// An open database. Cheap to clone; clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    ///
    /// `sqlite://PATH` makes the file where it is missing, not its directory; `postgres://` and `mysql://` (or
    /// `mariadb://`) databases must exist.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let db = Db::open(url).await?;
        db.migrate().await?;
        Ok(Self { db })
    }

    /// Whether the database answers now.
    pub async fn ping(&self) -> Result<(), Error> {
        self.db.rows("SELECT 1", &[]).await.map(drop)
    }

    /// Closes all connections, for every clone, once what is under way is done.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Who has an account.
    pub fn accounts(&self) -> accounts::Accounts<'_> {
        accounts::Accounts { db: &self.db }
    }

    /// Who is logged in where.
    pub fn logins(&self) -> logins::Logins<'_> {
        logins::Logins { db: &self.db }
    }

    /// Single-use tokens sent by mail.
    pub fn mail_tokens(&self) -> mail_tokens::MailTokens<'_> {
        mail_tokens::MailTokens { db: &self.db }
    }

    /// The channels.
    pub fn channels(&self) -> channels::Channels<'_> {
        channels::Channels { db: &self.db }
    }

    /// The keys that open channels to encoders.
    pub fn stream_keys(&self) -> stream_keys::StreamKeys<'_> {
        stream_keys::StreamKeys { db: &self.db }
    }

    /// Encoders' visits, live and past.
    pub fn publish_sessions(&self) -> publish_sessions::PublishSessions<'_> {
        publish_sessions::PublishSessions { db: &self.db }
    }

    /// The index of archived media.
    pub fn segments(&self) -> segments::Segments<'_> {
        segments::Segments { db: &self.db }
    }

    /// The shows that segments make.
    pub fn recordings(&self) -> recordings::Recordings<'_> {
        recordings::Recordings { db: &self.db }
    }

    /// Where each segment's bytes are.
    pub fn offload(&self) -> offload::Offload<'_> {
        offload::Offload { db: &self.db }
    }

    /// What channels can be rewound to.
    pub fn rewind(&self) -> rewind::Rewind<'_> {
        rewind::Rewind { db: &self.db }
    }

    /// What uploaders say of their disks.
    pub fn storage(&self) -> storage::Storage<'_> {
        storage::Storage { db: &self.db }
    }

    /// Clips, asked for and made.
    pub fn clips(&self) -> clips::Clips<'_> {
        clips::Clips { db: &self.db }
    }

    /// Pictures of channels and their pasts.
    pub fn thumbnails(&self) -> thumbnails::Thumbnails<'_> {
        thumbnails::Thumbnails { db: &self.db }
    }

    /// Work for the workers.
    pub fn jobs(&self) -> jobs::Jobs<'_> {
        jobs::Jobs { db: &self.db }
    }
}
