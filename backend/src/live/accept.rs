//! Accepting a publisher: its spool directory, its row, its place in memory, in this order.

use std::{fs, io};

use sluice_domain::{EndReason, Millis, Slug, access};
use sluice_store::{publish_sessions, stream_keys::KeyFacts};
use thiserror::Error;
use uuid::Uuid;

use super::{
    Live, end,
    sessions::{ChannelRef, Connection, Ingest, Session, Standing},
};

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
    Store(sluice_store::Error),
    /// There is no place for its segments.
    #[error("the session's spool directory cannot be made: {0}")]
    Spool(io::Error),
}

impl Live {
    /// Opens a session for `publisher` and returns its id. The database lets one session a channel be live, so that
    /// of two publishers in the same moment one is told [`Error::Taken`].
    pub async fn accept(&self, publisher: &Publisher<'_>) -> Result<String, Error> {
        let slug = Slug::parse(&publisher.key.slug).map_err(|_| Error::Store(sluice_store::Error::Missing))?;
        let channel = self
            .channel(&slug)
            .await
            .map_err(Error::Store)?
            .ok_or(Error::Store(sluice_store::Error::Missing))?;
        let id = Uuid::now_v7().simple().to_string();
        // Made before nginx hears the name, so that it is watched before the first segment.
        fs::create_dir_all(self.inner.spool.join(&id)).map_err(Error::Spool)?;
        let on_used_connection = self.standing(&publisher.connection) != Standing::Unknown;
        let saved = self.store().publish_sessions().create(&row(&id, publisher)).await;
        if let Err(error) = saved {
            self.discard_spool(&id);
            if matches!(error, sluice_store::Error::Unavailable(_)) {
                self.unsave(id, publisher.now);
            }
            return Err(match error {
                sluice_store::Error::Conflict => Error::Taken,
                other => Error::Store(other),
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
        if session.connection == publisher.connection || !silent || self.is_silent(&session).await {
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

    /// The row may be there although its answer was lost; it would keep the channel busy.
    fn unsave(&self, id: String, now: Millis) {
        let store = self.store().clone();
        tokio::spawn(end::record(store, id, EndReason::ConnectionLost, now));
    }

    fn discard_spool(&self, id: &str) {
        if let Err(error) = fs::remove_dir(self.inner.spool.join(id)) {
            tracing::warn!(%error, session = id, "an unused spool directory stays behind");
        }
    }
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
