//! What can go wrong with a clip, sorted by who hears of it.

use std::io::{self, ErrorKind};

use sluice_domain::clip::Reason;
use sluice_media::CutError;
use sluice_objects::{Fault, Kind};

/// Why there is no clip this time.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There will be none, unless somebody tries again: the reason for them, and the details for the operator.
    Failed(Reason, String),
    /// The database does not answer, so nobody can be told: the job comes again.
    Database(sluice_store::Error),
}

impl Trouble {
    pub(crate) fn io(error: &io::Error, doing: &str) -> Self {
        let reason = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Reason::DiskFull,
            _ => Reason::Internal,
        };
        Self::Failed(reason, format!("{doing}: {error}"))
    }
}

impl From<CutError> for Trouble {
    fn from(error: CutError) -> Self {
        let reason = Reason::parse(error.code()).unwrap_or(Reason::Internal);
        Self::Failed(reason, error.to_string())
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        let reason = match fault.kind {
            Kind::Missing => Reason::NoSegmentsInRange,
            Kind::Full => Reason::DiskFull,
            Kind::Source => Reason::Internal,
            _ => Reason::StorageUnavailable,
        };
        Self::Failed(reason, fault.to_string())
    }
}

impl From<sluice_store::Error> for Trouble {
    fn from(error: sluice_store::Error) -> Self {
        Self::Database(error)
    }
}

impl From<sluice_objects::Error> for Trouble {
    /// Names that no segment and no clip can have.
    fn from(error: sluice_objects::Error) -> Self {
        Self::Failed(Reason::Internal, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_cut_is_one_that_people_are_told() {
        for error in [
            CutError::EncoderMissing(String::new()),
            CutError::TimedOut(1),
            CutError::DiskFull(String::new()),
            CutError::Nothing,
            CutError::Internal(String::new()),
        ] {
            assert!(Reason::parse(error.code()).is_some(), "{error:?}");
        }
    }
}
