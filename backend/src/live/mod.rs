//! What is live: publish sessions, their segments, and the playlists made of them.
//!
//! Everything here is held in memory and answers without SQL; the store is written behind and read at start.

use std::sync::Arc;

use sluice_domain::{EndReason, Millis};

/// The live side of the node, shared by hooks, playlists and the API.
#[derive(Clone, Default)]
pub struct Live {
    inner: Arc<()>,
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
        let _ = (&self.inner, channel_id);
        None
    }

    /// Ends a session: recorded with its reason at once, its encoder disconnected. False if it was not live.
    pub async fn end_session(&self, session_id: &str, reason: EndReason) -> bool {
        let _ = (session_id, reason);
        false
    }

    /// Ends whatever is live with a stream key.
    pub async fn end_key(&self, key_id: &str, reason: EndReason) {
        let _ = (key_id, reason);
    }

    /// Ends whatever is live on an account's channels.
    pub async fn end_owner(&self, account_id: &str, reason: EndReason) {
        let _ = (account_id, reason);
    }

    /// Forgets a deleted channel: its show ends, its playlists answer 404, its archive is removed.
    pub async fn forget_channel(&self, channel_id: &str) {
        let _ = channel_id;
    }
}
