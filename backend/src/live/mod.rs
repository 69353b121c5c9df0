//! What is live: publish sessions, their segments, and the playlists made of them.
//!
//! Everything here is held in memory and answers without SQL; the store is written behind and read at start. Enter by
//! [`Live`]. Who may publish is decided in `sluice_domain::access`, what a playlist looks like in `sluice_hls`.

pub mod accept;
pub mod bodies;
pub mod channel;
pub mod directives;
pub mod dvr;
pub mod dvr_access;
mod end;
mod health;
mod hold;
mod intake;
mod news;
mod observe;
pub mod parts;
pub mod playlist;
mod reconcile;
mod recorder;
mod retention;
mod rewinding;
pub mod segments;
pub mod sessions;
pub mod shelf;
mod spool;
mod spool_dirs;
mod start;
mod timeline;
mod together;
pub mod viewers;
mod watch;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use dashmap::DashMap;
use sluice_domain::{Millis, Slug};
use sluice_objects::Archive;
use sluice_store::Store;

use self::{
    accept::Desk,
    channel::{Asked, Channel},
    intake::Intake,
    sessions::{Connection, Session, Sessions, Standing},
    spool_dirs::SpoolDirs,
};
use crate::{clock, delivery::Delivery, media_server::MediaServer, realtime::Bus};

pub use start::StartError;

/// How long a channel's first viewers wait for the first parts.
const TAIL_PATIENCE: Duration = Duration::from_millis(500);

/// The live side of the node, shared by hooks, playlists and the API. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    desk: Desk,
    bus: Bus,
    media_server: MediaServer,
    archive: Archive,
    delivery: Delivery,
    dvr: Arc<dvr::Settings>,
    spool: SpoolDirs,
    intake: Intake,
    sessions: Arc<Sessions>,
    channels: DashMap<Slug, Arc<Channel>>,
    /// How long segments are kept, in hours, on channels that say nothing of it.
    window_hours: u32,
    rewinds: rewinding::Changes,
    /// Grows when a key, an account or a channel loses its right to publish.
    revocations: AtomicU64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.intake.stop();
    }
}

/// A channel that is on air.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnAir {
    /// The publish session's id.
    pub session: String,
    /// When the session was accepted.
    pub started_at: Millis,
    /// Players that asked for the playlist lately.
    pub viewers: u32,
}

impl Live {
    /// How a channel stands; nothing when it is off air.
    pub fn on_air(&self, channel_id: &str) -> Option<OnAir> {
        let session = self.on_channel(channel_id)?;
        let channel = self.loaded(session.channel.slug.as_str());
        Some(OnAir {
            viewers: channel.map_or(0, |channel| channel.viewers.count(clock::now())),
            session: session.id,
            started_at: session.started_at,
        })
    }

    /// The live session of a channel.
    pub fn on_channel(&self, channel_id: &str) -> Option<Session> {
        self.inner.sessions.on_channel(channel_id)
    }

    /// A live session by its id.
    pub fn session(&self, id: &str) -> Option<Session> {
        self.inner.sessions.get(id)
    }

    /// How a connection of a media server stands.
    pub fn standing(&self, connection: &Connection) -> Standing {
        self.inner.sessions.standing(connection)
    }

    /// Whether a session is live.
    pub fn is_live(&self, session_id: &str) -> bool {
        self.inner.sessions.get(session_id).is_some()
    }

    /// The id of the session that is live on the channel with this name.
    pub fn session_of(&self, slug: &Slug) -> Option<String> {
        let channel = self.loaded(slug.as_str())?;
        Some(self.on_channel(&channel.id)?.id)
    }

    /// Sees to it that the open segment of a channel is cut into parts, because somebody watches: returns once it is, or
    /// at once where nothing is live. Whoever comes while it is cut already does not wait.
    pub(crate) async fn tail(&self, channel: &Arc<Channel>) {
        if channel.is_tailed() || self.on_channel(&channel.id).is_none() {
            return;
        }
        let asked_at = match channel.begin_tail() {
            Asked::Now(at) => {
                self.inner.intake.tail(Arc::clone(channel));
                at
            }
            Asked::Before(at) => at,
        };
        let mut tailed = channel.tailed();
        // Late is no error: the playlist is true without parts. Who comes when it is late already does not wait at all.
        // Boxed, because every request that need not wait pays for moving what the first ones wait with.
        let begun = tailed.wait_for(|tailed| *tailed);
        let _ = Box::pin(tokio::time::timeout_at(asked_at + TAIL_PATIENCE, begun)).await;
    }

    /// Where an archived segment lies; nothing for names that no segment has.
    pub(crate) fn archived(&self, slug: &str, name: &str) -> Option<PathBuf> {
        self.inner.archive.path(slug, name).ok()
    }

    /// How players come by segments that the object store has.
    pub fn delivery(&self) -> &Delivery {
        &self.inner.delivery
    }

    /// The archive's disk.
    pub(crate) fn archive(&self) -> &Archive {
        &self.inner.archive
    }

    /// How many sessions are live on this node.
    pub fn sessions_count(&self) -> usize {
        self.inner.sessions.count()
    }

    /// How many players watch on this node.
    pub fn viewers_count(&self) -> u32 {
        let now = clock::now();
        self.inner
            .channels
            .iter()
            .map(|channel| channel.viewers.count(now))
            .sum()
    }

    /// How many requests wait on this node for media that is still to come.
    pub fn waiting_count(&self) -> u32 {
        let waiting: usize = self
            .inner
            .channels
            .iter()
            .map(|channel| channel.waiting() + channel.dvr.waiting())
            .sum();
        u32::try_from(waiting).unwrap_or(u32::MAX)
    }

    /// Whether the media server answers.
    pub async fn media_server_answers(&self) -> bool {
        self.inner.media_server.stat().await.is_ok()
    }

    /// Whether the system tells of new segments in every spool.
    pub fn spool_watched(&self) -> bool {
        self.inner.intake.is_well()
    }

    /// Why closed segments wait in the spool and are not listed, where they do: as a rule, a full disk.
    pub fn intake_problem(&self) -> Option<String> {
        self.inner.intake.problem()
    }

    /// Changes whenever somebody loses the right to publish: who decided by facts read before decides again.
    pub(crate) fn revocations(&self) -> u64 {
        self.inner.revocations.load(Ordering::SeqCst)
    }

    /// The database, for those who decide with it.
    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// A channel that is in memory already.
    pub(crate) fn loaded(&self, slug: &str) -> Option<Arc<Channel>> {
        self.inner.channels.get(slug).map(|entry| Arc::clone(&entry))
    }
}
