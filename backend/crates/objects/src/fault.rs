//! What can go wrong between us and an object store, and whether it is worth another try.

use std::fmt;
use std::io;

use thiserror::Error;

/// A request to an object store that came to nothing. Says what was tried with what; never a secret, a signature or
/// what the server quotes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{doing} {subject}: {kind}{}", said(.detail))]
pub struct Fault {
    /// What kind of trouble it is.
    pub kind: Kind,
    doing: &'static str,
    subject: String,
    detail: String,
}

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The store asks us to slow down.
    Throttled,
    /// It cannot be reached, does not answer in time, or says that it cannot serve.
    Unavailable,
    /// The connection ended before all was said: reset, or a body cut short.
    Interrupted,
    /// It answers, but not what was asked: a success that carries an error, a page of some proxy.
    Garbled,
    /// What it holds is not what was sent.
    Mismatch,
    /// There is no room for it.
    Full,
    /// It has no such object.
    Missing,
    /// There is no such bucket.
    NoBucket,
    /// The access key or the secret is wrong, or has no right to this.
    Denied,
    /// It refuses the request for good.
    Refused,
    /// The file to be put cannot be read.
    Source,
}

impl Kind {
    /// Whether the same may go well a moment later. All else waits for somebody to act.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::Unavailable | Self::Interrupted | Self::Garbled | Self::Mismatch | Self::Full
        )
    }

    /// The kind that an HTTP status and S3's error code tell; the code knows more.
    pub(crate) fn told(status: u16, code: Option<&str>) -> Self {
        match code.unwrap_or_default() {
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "ServiceUnavailable" => Self::Throttled,
            "NoSuchBucket" => Self::NoBucket,
            "NoSuchKey" => Self::Missing,
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "AccessDenied"
            | "ExpiredToken"
            | "InvalidToken"
            | "AuthorizationHeaderMalformed"
            | "RequestTimeTooSkewed"
            | "AccountProblem"
            | "AllAccessDisabled" => Self::Denied,
            "BadDigest" | "InvalidDigest" | "IncompleteBody" | "RequestTimeout" | "XAmzContentSHA256Mismatch" => {
                Self::Interrupted
            }
            "QuotaExceeded" | "InsufficientStorage" | "XMinioStorageFull" => Self::Full,
            _ => Self::of_status(status),
        }
    }

    const fn of_status(status: u16) -> Self {
        match status {
            429 | 503 => Self::Throttled,
            408 => Self::Interrupted,
            507 => Self::Full,
            500..=599 => Self::Unavailable,
            401 | 403 => Self::Denied,
            404 => Self::Missing,
            200..=299 => Self::Garbled,
            _ => Self::Refused,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "the object store asks for fewer requests",
            Self::Unavailable => "the object store is not available",
            Self::Interrupted => "the connection to the object store was interrupted",
            Self::Garbled => "the object store's answer makes no sense",
            Self::Mismatch => "the object store does not hold what was sent",
            Self::Full => "the object store has no room left",
            Self::Missing => "there is no such object",
            Self::NoBucket => "there is no such bucket (see S3_BUCKET)",
            Self::Denied => "the object store refuses us (see S3_ACCESS_KEY and S3_SECRET_KEY)",
            Self::Refused => "the object store refuses the request",
            Self::Source => "the file cannot be read",
        })
    }
}

impl Fault {
    pub(crate) fn new(kind: Kind, doing: &'static str, subject: impl fmt::Display, detail: impl Into<String>) -> Self {
        Self {
            kind,
            doing,
            subject: subject.to_string(),
            detail: detail.into(),
        }
    }

    /// A local file system's refusal.
    pub(crate) fn io(error: &io::Error, doing: &'static str, subject: impl fmt::Display) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => Kind::Missing,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::NotADirectory => {
                Kind::Refused
            }
            _ => Kind::Unavailable,
        };
        Self::new(kind, doing, subject, error.to_string())
    }

    /// The file that was to be put.
    pub(crate) fn source(error: &io::Error, subject: impl fmt::Display) -> Self {
        Self::new(Kind::Source, "reading", subject, error.to_string())
    }
}

fn said(detail: &str) -> String {
    if detail.is_empty() {
        return String::new();
    }
    format!(" ({detail})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_time_mends_is_worth_another_try_and_what_an_operator_mends_is_not() {
        for (status, code, kind, again) in [
            (503, Some("SlowDown"), Kind::Throttled, true),
            (503, None, Kind::Throttled, true),
            (500, Some("InternalError"), Kind::Unavailable, true),
            (502, None, Kind::Unavailable, true),
            (400, Some("BadDigest"), Kind::Interrupted, true),
            (400, Some("IncompleteBody"), Kind::Interrupted, true),
            (200, Some("Teapot"), Kind::Garbled, true),
            (507, None, Kind::Full, true),
            (403, Some("SignatureDoesNotMatch"), Kind::Denied, false),
            (403, None, Kind::Denied, false),
            (404, Some("NoSuchBucket"), Kind::NoBucket, false),
            (404, Some("NoSuchKey"), Kind::Missing, false),
            (400, Some("InvalidArgument"), Kind::Refused, false),
            (301, None, Kind::Refused, false),
        ] {
            let told = Kind::told(status, code);
            assert_eq!((told, told.is_transient()), (kind, again), "{status} {code:?}");
        }
    }

    #[test]
    fn a_fault_is_a_sentence_for_the_operator() {
        let fault = Fault::new(Kind::Throttled, "putting", "stage/a.ts", "503 SlowDown");
        assert_eq!(
            fault.to_string(),
            "putting stage/a.ts: the object store asks for fewer requests (503 SlowDown)"
        );
    }
}
