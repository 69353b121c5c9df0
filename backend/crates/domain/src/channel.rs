//! A channel's policies, and what its texts must look like.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::text::Bounds;

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

/// Who may rewind a channel, beyond its owner and administrators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dvr {
    /// Everyone who may watch.
    #[default]
    Everyone,
    /// Those who are logged in.
    SignedIn,
    /// Nobody else.
    Nobody,
}

impl Dvr {
    /// The word stored and shown for this policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::SignedIn => "signed_in",
            Self::Nobody => "nobody",
        }
    }

    /// The policy a stored word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Everyone, Self::SignedIn, Self::Nobody]
            .into_iter()
            .find(|dvr| dvr.as_str() == word)
    }
}

/// Who may cut clips from a channel, beyond its owner and administrators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClipPolicy {
    /// Everyone who may watch.
    Everyone,
    /// Those who are logged in.
    #[default]
    SignedIn,
    /// Nobody else.
    Owner,
}

impl ClipPolicy {
    /// The word stored and shown for this policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::SignedIn => "signed_in",
            Self::Owner => "owner",
        }
    }

    /// The policy a stored word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Everyone, Self::SignedIn, Self::Owner]
            .into_iter()
            .find(|policy| policy.as_str() == word)
    }
}

/// What can be rewound on a channel, and by whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewind {
    /// Who may.
    pub dvr: Dvr,
    /// How far, in hours; as far as the site's window reaches where there is none.
    pub window_hours: Option<u32>,
}

impl Rewind {
    /// How far, on a site with this window.
    pub fn hours(self, site_hours: u32) -> u32 {
        self.window_hours.unwrap_or(site_hours)
    }
}

/// The hours that a channel's rewind window may have: up to a week.
pub const WINDOW_HOURS: RangeInclusive<u32> = 1..=168;

/// A channel's title.
pub const TITLE: Bounds = Bounds {
    what: "The title",
    min: 1,
    max: 120,
};

/// What a channel says about itself.
pub const DESCRIPTION: Bounds = Bounds {
    what: "The description",
    min: 0,
    max: 2000,
};

/// What its owner calls a show.
pub const SHOW_TITLE: Bounds = Bounds {
    what: "The title",
    min: 1,
    max: 120,
};

/// What its owner calls a stream key.
pub const KEY_LABEL: Bounds = Bounds {
    what: "The label",
    min: 1,
    max: 60,
};

/// Unrevoked stream keys a channel may have: one for each encoder of a crew, and none to get lost in a crowd.
pub const MAX_KEYS: u32 = 20;
