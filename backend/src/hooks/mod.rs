//! What the media server asks and tells: publish, play, update, done.
//!
//! Publish and play fail closed, update never ends a show by accident, done always succeeds. Two dialects, nginx-rtmp's
//! form and SRS's JSON, are read into one [`call::Call`]; what to answer is decided once, in the files named after the
//! hooks.

mod call;
mod done;
pub mod nginx_rtmp;
mod play;
mod publish;
pub mod srs;
mod update;

use actix_web::http::StatusCode;
use sluice_domain::EndReason;

pub use call::Call;

/// The answer to a hook, before it is put into a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on.
    Accept,
    /// Go on, under this name.
    Rename(String),
    /// Go away.
    Refuse(Refusal),
}

/// Why a client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The call lacks what the media server always sends.
    Malformed,
    /// No such key, stream or permission.
    Unknown,
    /// The domain says no.
    Denied(EndReason),
    /// The database is away; nobody is let in unseen.
    Unavailable,
}

impl Verdict {
    /// The word under which the verdict is counted.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Accept | Self::Rename(_) => "accepted",
            Self::Refuse(Refusal::Malformed) => "malformed",
            Self::Refuse(Refusal::Unknown) => "unknown",
            Self::Refuse(Refusal::Denied(reason)) => reason.as_str(),
            Self::Refuse(Refusal::Unavailable) => "unavailable",
        }
    }
}

impl Refusal {
    /// The status that tells the media server no.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unknown | Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
