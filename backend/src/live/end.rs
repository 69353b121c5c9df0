//! Ending sessions: taken out of memory at once, recorded with a reason, disconnected where that is ours to do.

use std::{sync::atomic::Ordering, time::Duration};

use sluice_domain::{EndReason, Millis, Slug};
use sluice_store::Store;

use super::{
    Live, health,
    sessions::{Connection, Session, Sessions},
};
use crate::{channels::session as view, clock, error::chain, realtime::Event};

/// Between two tries to record an end while the database is away.
const RETRY: Duration = Duration::from_secs(1);

/// Hooks travel on connections of their own; one that comes later than this was lost.
const LATE: Millis = Millis::from_secs(5);

impl Live {
    /// Ends a session: recorded with its reason at once, its encoder disconnected. False if it was not live.
    pub async fn end_session(&self, session_id: &str, reason: EndReason) -> bool {
        let Some(session) = self.inner.sessions.remove(session_id) else {
            return false;
        };
        let now = clock::now();
        tracing::info!(session = session.id, channel = %session.channel.slug, reason = reason.as_str(), "a session ended");
        self.record_end(&session, reason, now).await;
        if to_be_dropped(reason) {
            self.disconnect(&session.id, session.connection.client_id).await;
        }
        self.inner.intake.session_over(&session.id, reason.closes_show());
        self.announce_end(&session, reason, now);
        true
    }

    /// Ends whatever is live with a stream key.
    pub async fn end_key(&self, key_id: &str, reason: EndReason) {
        self.end_all(|session| session.key_id == key_id, reason).await;
    }

    /// Ends whatever is live on an account's channels.
    pub async fn end_owner(&self, account_id: &str, reason: EndReason) {
        self.end_all(|session| session.channel.owner_id == account_id, reason)
            .await;
    }

    /// Forgets a deleted channel: its show ends, its playlists answer 404, its archive is removed.
    pub async fn forget_channel(&self, channel_id: &str, slug: &str) {
        self.end_all(|session| session.channel.id == channel_id, EndReason::ChannelDeleted)
            .await;
        if let Ok(slug) = Slug::parse(slug) {
            if let Some((_, channel)) = self.inner.channels.remove(&slug) {
                channel.end_show();
            }
            self.inner.intake.forget(slug);
        }
    }

    /// Takes away what nginx sends by itself, for good: the process ends, and nobody will know how long it holds.
    pub(crate) fn withdraw_handovers(&self) {
        self.inner.channels.iter().for_each(|channel| channel.dvr.close());
    }

    /// A media server says that a connection's session is over.
    pub(crate) async fn connection_ended(&self, connection: Option<Connection>) {
        let session = connection.and_then(|connection| self.inner.sessions.on_connection(&connection));
        if let Some(session) = session {
            let now = clock::now();
            // An encoder may publish again on the connection it has stopped on, and then the end of its first session is
            // told late. Should this be the end of the second, the statistics tell.
            if session.on_used_connection && now.since(session.started_at) < LATE {
                return;
            }
            let reason = Sessions::reason_for_silent_end(&session, now);
            self.end_session(&session.id, reason).await;
        }
    }

    /// Drops a publisher; one that is gone already is no error, and one that stays is met again by the reconciler.
    pub(super) async fn disconnect(&self, name: &str, client_id: u64) {
        if let Err(error) = self.inner.media_server.drop_publisher(name, client_id).await {
            tracing::warn!(%error, session = name, "a publisher could not be disconnected");
        }
    }

    async fn end_all(&self, which: impl Fn(&Session) -> bool, reason: EndReason) {
        // First, so that a publisher who is let in at this moment is either found below or looked at again.
        self.inner.revocations.fetch_add(1, Ordering::SeqCst);
        for session in self.inner.sessions.all().iter().filter(|session| which(session)) {
            self.end_session(&session.id, reason).await;
        }
    }

    /// One try at once, so that the channel is free when this returns; further ones behind the caller's back.
    async fn record_end(&self, session: &Session, reason: EndReason, now: Millis) {
        let row = health::row(session);
        if let Err(error) = self.store().publish_sessions().set_health(&session.id, &row).await {
            tracing::warn!(error = %chain(&error), session = session.id, "the last health of a session is not recorded");
        }
        let first_try = self.store().publish_sessions().end(&session.id, reason, now).await;
        if let Err(error) = first_try {
            tracing::error!(error = %chain(&error), session = session.id, "the end of a session waits for the database");
            tokio::spawn(record(self.store().clone(), session.id.clone(), reason, now));
        }
    }

    fn announce_end(&self, session: &Session, reason: EndReason, now: Millis) {
        let channel = session.channel.slug.to_string();
        if self.on_channel(&session.channel.id).is_none() {
            self.inner.bus.publish(&Event::Live {
                channel,
                live: false,
                started_at: None,
            });
        }
        self.announce(session, health::over(session, "ended", reason, now));
    }

    pub(super) fn announce_refusal(&self, session: &Session, reason: EndReason) {
        self.announce(session, health::over(session, "refused", reason, session.started_at));
    }

    fn announce(&self, session: &Session, view: view::Session) {
        self.inner.bus.publish(&Event::Ingest {
            channel: session.channel.slug.to_string(),
            owner_id: session.channel.owner_id.clone(),
            session: Box::new(view),
        });
    }
}

/// Records an end for as long as it takes.
pub(super) async fn record(store: Store, id: String, reason: EndReason, now: Millis) {
    while store.publish_sessions().end(&id, reason, now).await.is_err() {
        tokio::time::sleep(RETRY).await;
    }
}

/// Where the connection is gone already there is nobody to drop.
const fn to_be_dropped(reason: EndReason) -> bool {
    !matches!(reason, EndReason::ConnectionLost | EndReason::MediaServerRestarted)
}
