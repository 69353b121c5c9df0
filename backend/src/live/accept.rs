//! Accepting a publisher: its spool directory, its row, its place in memory, in this order.

use std::{io, sync::Arc};

use sluice_domain::{EndReason, Millis, Slug, access};
use sluice_store::{Store, publish_sessions, stream_keys::KeyFacts};
use thiserror::Error;
use uuid::Uuid;

use super::{
    Live, end,
    sessions::{ChannelRef, Connection, Ingest, Session, Standing},
    together::Together,
};

/// Where publishers wait for the database, together.
#[derive(Default)]
pub(super) struct Desk {
    keys: Together<String, Looked<Option<KeyFacts>>>,
    sessions: Together<publish_sessions::New, Looked<()>>,
}

/// What the database says; an error may be told to several.
type Looked<T> = Result<T, Arc<sluice_store::Error>>;

/// An encoder with a valid key.
#[derive(Clone, Debug)]
pub struct Publisher<'a> {
    /// The key and the channel it opens.
    pub key: &'a KeyFacts,
    /// Where it arrives.
    pub connection: Connection,
    /// Its network address.
    pub address: &'a str,
    /// What it calls itself.
    pub encoder: &'a str,
    /// Now.
    pub now: Millis,
}

/// Why an allowed publisher could not be accepted after all.
#[derive(Debug, Error)]
pub enum Error {
    /// Another publisher was accepted in the same moment.
    #[error("another publisher was accepted in the same moment")]
    Taken,
    /// The session cannot be recorded.
    #[error("the session cannot be recorded: {0}")]
    Store(Arc<sluice_store::Error>),
    /// There is no place for its segments.
    #[error("the session's spool directory cannot be made: {0}")]
    Spool(io::Error),
}

impl From<sluice_store::Error> for Error {
    fn from(error: sluice_store::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Live {
    /// The key with this SHA-256, revoked or not, as it stands now, and its channel's facts.
    pub async fn key(&self, hash: String) -> Looked<Option<KeyFacts>> {
        let store = self.store().clone();
        let look_up = async move |hashes: Vec<String>| look_up(&store, &hashes).await;
        let found = self.inner.desk.keys.ask(hash, look_up).await;
        found.unwrap_or_else(|| Err(broken_off()))
    }

    /// Opens a session for `publisher` and returns its id. The database lets one session a channel be live, so that
    /// of two publishers in the same moment one is told [`Error::Taken`].
    pub async fn accept(&self, publisher: &Publisher<'_>) -> Result<String, Error> {
        let slug = Slug::parse(&publisher.key.slug).map_err(|_| sluice_store::Error::Missing)?;
        let channel = self.channel(&slug).await?.ok_or(sluice_store::Error::Missing)?;
        let id = Uuid::now_v7().simple().to_string();
        // Made before nginx hears the name, so that it is watched before the first segment is closed.
        self.inner.spool.make(&id).map_err(Error::Spool)?;
        let on_used_connection = self.standing(&publisher.connection) != Standing::Unknown;
        if let Err(error) = self.save(row(&id, publisher)).await {
            self.discard_spool(&id);
            if matches!(*error, sluice_store::Error::Unavailable(_)) {
                self.unsave(id, publisher.now);
            }
            return Err(match *error {
                sluice_store::Error::Conflict => Error::Taken,
                _ => Error::Store(error),
            });
        }
        let session = Session {
            on_used_connection,
            ..session(&id, slug, publisher)
        };
        self.begin(session, channel);
        Ok(id)
    }

    /// The session that is live on the publisher's channel. One that seems silent is looked at again: what is known of it
    /// may be seconds old, and a working show must not be stolen.
    pub async fn current(&self, publisher: &Publisher<'_>) -> Option<Session> {
        let session = self.on_channel(&publisher.key.channel_id)?;
        let silent = publisher.now.since(session.active_at) >= access::SILENT_AFTER;
        if session.connection == publisher.connection || !silent || Box::pin(self.is_silent(&session)).await {
            return Some(session);
        }
        self.inner
            .sessions
            .change(&session.id, |session| session.active_at = publisher.now);
        self.on_channel(&publisher.key.channel_id)
    }

    /// Nothing came since the last look. Of a media server that does not say, nothing is assumed.
    async fn is_silent(&self, session: &Session) -> bool {
        let Ok(snapshot) = self.inner.media_server.stat().await else {
            return false;
        };
        let ours = session.connection.instance == format!("nginx-{}", snapshot.pid);
        let stream = snapshot.streams.iter().find(|stream| stream.name == session.id);
        let moved = stream.is_some_and(|stream| stream.bytes_in != session.ingest.bytes_in);
        session.connection.instance.starts_with("nginx-") && !(ours && moved)
    }

    /// Puts a refused attempt of a known key on the channel's record, for its owner to see.
    pub async fn record_refusal(&self, publisher: &Publisher<'_>, reason: EndReason) {
        let id = Uuid::now_v7().simple().to_string();
        let row = row(&id, publisher);
        if let Err(error) = self.store().publish_sessions().refuse(&row, reason).await {
            tracing::warn!(error = %crate::error::chain(&error), "a refused publisher is not on the record");
        }
        if let Ok(slug) = Slug::parse(&publisher.key.slug) {
            self.announce_refusal(&session(&id, slug, publisher), reason);
        }
    }

    async fn save(&self, row: publish_sessions::New) -> Looked<()> {
        let store = self.store().clone();
        let save = async move |rows: Vec<publish_sessions::New>| save(&store, &rows).await;
        let saved = self.inner.desk.sessions.ask(row, save).await;
        saved.unwrap_or_else(|| Err(broken_off()))
    }

    /// The row may be there although its answer was lost; it would keep the channel busy.
    fn unsave(&self, id: String, now: Millis) {
        let store = self.store().clone();
        tokio::spawn(end::record(store, id, EndReason::ConnectionLost, now));
    }

    fn discard_spool(&self, id: &str) {
        if let Err(error) = self.inner.spool.take_back(&self.inner.spool.of(id)) {
            tracing::warn!(%error, session = id, "an unused spool directory stays behind");
        }
    }
}

async fn look_up(store: &Store, hashes: &[String]) -> Vec<Looked<Option<KeyFacts>>> {
    let asked: Vec<&str> = hashes.iter().map(String::as_str).collect();
    let found = store.stream_keys().by_hashes(&asked).await.map_err(Arc::new);
    let of = |hash: &String| found.as_ref().map(|found| found.get(hash).cloned()).map_err(Arc::clone);
    hashes.iter().map(of).collect()
}

/// All in one transaction. Where it is refused, each is tried alone in the order in which they came, so that each gets
/// its own verdict: of two publishers on one channel the first is let in.
async fn save(store: &Store, rows: &[publish_sessions::New]) -> Vec<Looked<()>> {
    let saved = store.publish_sessions().create_all(rows).await.map_err(Arc::new);
    let is_refused = |error: &sluice_store::Error| !matches!(error, sluice_store::Error::Unavailable(_));
    if rows.len() == 1 || !saved.as_ref().is_err_and(|error| is_refused(error)) {
        // Where the database is away, some rows may be there all the same: to try again would meet them.
        return vec![saved; rows.len()];
    }
    let mut each = Vec::with_capacity(rows.len());
    for row in rows {
        each.push(store.publish_sessions().create(row).await.map_err(Arc::new));
    }
    each
}

fn broken_off() -> Arc<sluice_store::Error> {
    Arc::new(sluice_store::Error::Unavailable("the process stops".into()))
}

fn row(id: &str, publisher: &Publisher<'_>) -> publish_sessions::New {
    publish_sessions::New {
        id: id.to_owned(),
        channel_id: publisher.key.channel_id.clone(),
        stream_key_id: publisher.key.key_id.clone(),
        instance: publisher.connection.instance.clone(),
        client_id: publisher.connection.client_id.to_string(),
        address: publisher.address.to_owned(),
        encoder: publisher.encoder.to_owned(),
        started_at: publisher.now,
    }
}

fn session(id: &str, slug: Slug, publisher: &Publisher<'_>) -> Session {
    Session {
        id: id.to_owned(),
        channel: ChannelRef {
            id: publisher.key.channel_id.clone(),
            slug,
            owner_id: publisher.key.owner_id.clone(),
        },
        key_id: publisher.key.key_id.clone(),
        key_label: publisher.key.label.clone(),
        address: publisher.address.to_owned(),
        encoder: publisher.encoder.to_owned(),
        connection: publisher.connection.clone(),
        on_used_connection: false,
        started_at: publisher.now,
        active_at: publisher.now,
        has_media: false,
        ingest: Ingest::default(),
    }
}
