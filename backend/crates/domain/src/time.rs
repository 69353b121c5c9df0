//! Points in time and lengths of time, both in milliseconds.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC; also used for lengths of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// A length of `seconds`.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The time that lies between `earlier` and this point; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Self {
        let between = self.0.saturating_sub(earlier.0);
        Self(if between < 0 { 0 } else { between })
    }

    /// This point moved forward by `length`.
    pub const fn plus(self, length: Self) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// This point moved back by `length`.
    pub const fn minus(self, length: Self) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}
