//! The bus inside one process: whoever publishes knows nothing of who listens.

use std::sync::Arc;

use serde::Serialize;
use sluice_store::clips::Clip;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use super::Event;

/// Notices held for a listener that is busy. At the edge of a hundred live channels there are some fifty a second, so
/// a listener may be busy for twenty seconds before it is told to read the state anew.
const BACKLOG: usize = 1024;

/// Sockets open at a time. Each holds a few kilobytes and a file descriptor, of which a process has thousands.
const MOST_SOCKETS: usize = 10_000;

/// Publishes news to every socket of this process.
#[derive(Clone, Debug)]
pub struct Bus {
    sender: broadcast::Sender<Arc<Notice>>,
    places: Arc<Semaphore>,
}

/// News on their way.
#[derive(Debug)]
pub enum Notice {
    /// Of a channel.
    Channel(Rendered),
    /// Of a clip, as it stands now. Who reads it is shown it as the API would.
    Clip(Box<Clip>),
    /// A clip is not there any more.
    ClipGone(Gone),
}

/// A clip that was deleted.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "clip_deleted")]
pub struct Gone {
    /// The slug of its channel; null where that has gone, too.
    pub channel: Option<String>,
    /// Its id.
    pub id: String,
}

/// An event about a channel, rendered once for all who will get it.
#[derive(Debug)]
pub struct Rendered {
    /// The channel's slug.
    pub channel: String,
    /// The account that owns the channel, where the event is for it and administrators only.
    pub private_to: Option<String>,
    /// The event as JSON text.
    pub text: String,
}

impl Default for Bus {
    fn default() -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        let places = Arc::new(Semaphore::new(MOST_SOCKETS));
        Self { sender, places }
    }
}

impl Bus {
    /// Hands `event` to all who listen now; costs next to nothing when nobody does. Never waits.
    pub fn publish(&self, event: &Event) {
        if !self.is_heard() {
            return;
        }
        match serde_json::to_string(event) {
            Ok(text) => {
                self.send(Notice::Channel(Rendered {
                    channel: event.channel().to_owned(),
                    private_to: event.private_to().map(ToOwned::to_owned),
                    text,
                }));
            }
            Err(error) => tracing::error!(%error, "an event could not be rendered"),
        }
    }

    /// Hands a clip as it stands now to all who listen to it.
    pub fn publish_clip(&self, clip: &Clip) {
        if self.is_heard() {
            self.send(Notice::Clip(Box::new(clip.clone())));
        }
    }

    /// Tells all who listen to a clip or to its channel that it is not there any more.
    pub fn publish_clip_gone(&self, gone: Gone) {
        if self.is_heard() {
            self.send(Notice::ClipGone(gone));
        }
    }

    /// Whether anybody listens now: news that is dear to write need not be written for nobody.
    pub fn is_heard(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// A place for a socket, free again when dropped; nothing when all are taken.
    pub fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.sender.subscribe()
    }

    fn send(&self, notice: Notice) {
        // Fails only when the last listener has just left.
        let _ = self.sender.send(Arc::new(notice));
    }
}
