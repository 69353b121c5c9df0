use std::path::PathBuf;

use thiserror::Error;

use crate::variables::Variable;

/// Why the settings cannot be used: one sentence for the operator, free of values.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A required variable is not set.
    #[error("{name} is not set. It must be {expected}.")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What a value must be.
        expected: &'static str,
    },
    /// A variable's value cannot be used.
    #[error("{name} must be {expected}.")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What a value must be.
        expected: &'static str,
    },
    /// Two servers would want one port.
    #[error("{first} and {second} are both {port}. Each must be a port of its own.")]
    SamePort {
        /// The variable that comes first.
        first: &'static str,
        /// The other one.
        second: &'static str,
        /// The port they share.
        port: u16,
    },
    /// The socket below the data directory would have a longer name than the system can bind.
    #[error("DATA_DIR is too long: {} must have at most {max} bytes. Choose a shorter directory.", socket.display())]
    SocketPath {
        /// Where the socket would be.
        socket: PathBuf,
        /// How long its path may be.
        max: usize,
    },
    /// The disk would be emptied to where it is emptied from.
    #[error("DISK_LOW_PERCENT must be lower than DISK_HIGH_PERCENT.")]
    Watermarks,
    /// Players would be sent to a bucket, and there is none.
    #[error("SEGMENT_DELIVERY can be direct or redirect only where OBJECT_STORE is s3.")]
    NoBucket,
    /// The file `.env` is there but cannot be read.
    #[error("the file .env cannot be read: {reason}.")]
    File {
        /// Why, without the line's text.
        reason: String,
    },
}

impl Error {
    pub(crate) const fn missing(variable: &Variable) -> Self {
        Self::Missing {
            name: variable.name,
            expected: variable.expected,
        }
    }

    pub(crate) const fn invalid(variable: &Variable) -> Self {
        Self::Invalid {
            name: variable.name,
            expected: variable.expected,
        }
    }
}
