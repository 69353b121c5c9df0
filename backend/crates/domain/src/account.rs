//! What an account may do, and what its fields must look like.

use serde::{Deserialize, Serialize};

use crate::text::Bounds;

/// What an account may do on the site. Each role includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Watches.
    Viewer,
    /// Owns channels and goes live.
    Streamer,
    /// Sees and mends everything.
    Administrator,
}

impl Role {
    /// The word stored and shown for this role.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Streamer => "streamer",
            Self::Administrator => "administrator",
        }
    }

    /// The role a stored word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Viewer, Self::Streamer, Self::Administrator]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// What an account is called on the site.
pub const DISPLAY_NAME: Bounds = Bounds {
    what: "The name",
    min: 1,
    max: 60,
};
