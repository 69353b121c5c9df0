//! What there is news of.

use serde::Serialize;

use crate::channels::session::Session;

/// A piece of news about a channel, in the shape that clients read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A show began or ended.
    Live {
        /// The channel's slug.
        channel: String,
        /// On air from now on, or off air.
        live: bool,
        /// When the show began, RFC 3339; null when off air.
        started_at: Option<String>,
    },
    /// The number of players watching changed.
    Viewers {
        /// The channel's slug.
        channel: String,
        /// How many there are now.
        viewers: u32,
    },
    /// What comes from the encoder changed, or a session began, ended or was refused. Owners and administrators only.
    Ingest {
        /// The channel's slug.
        channel: String,
        /// The account that owns the channel: for the bus, not for clients.
        #[serde(skip)]
        owner_id: String,
        /// How the session stands now.
        session: Box<Session>,
    },
}

impl Event {
    /// The slug of the channel this is about.
    pub fn channel(&self) -> &str {
        match self {
            Self::Live { channel, .. } | Self::Viewers { channel, .. } | Self::Ingest { channel, .. } => channel,
        }
    }

    /// The account that alone, beside administrators, may see this; none where everybody may who sees the channel.
    pub fn private_to(&self) -> Option<&str> {
        match self {
            Self::Ingest { owner_id, .. } => Some(owner_id),
            Self::Live { .. } | Self::Viewers { .. } => None,
        }
    }
}
