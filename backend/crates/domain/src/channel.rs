//! A channel's policies.

use serde::{Deserialize, Serialize};

/// Who may watch a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everyone; the channel is listed.
    #[default]
    Public,
    /// Everyone who knows the address; the channel is not listed.
    Unlisted,
}

impl Access {
    /// The word stored and shown for this policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
        }
    }

    /// The policy a stored word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Public, Self::Unlisted]
            .into_iter()
            .find(|access| access.as_str() == word)
    }
}
