//! What can go wrong with a file of the archive.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the archive could not do what was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// No channel can be called so.
    #[error("{0:?} is no channel's name")]
    Channel(String),
    /// No segment can be called so.
    #[error("{0:?} is no segment's name")]
    Name(String),
    /// Another file of another length has the segment's place; it is left alone.
    #[error("{path} is there already with {there} bytes, not {offered}", path = path.display())]
    Occupied {
        /// The place in the archive.
        path: PathBuf,
        /// The length of the file there, in bytes.
        there: u64,
        /// The length of the spooled file, in bytes.
        offered: u64,
    },
    /// The file system refused.
    #[error("{doing} {path}: {source}", path = path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// How it was refused.
        source: io::Error,
    },
}

impl Error {
    /// The refusal's kind, where the file system refused: a full disk, a missing file.
    pub fn disk(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Disk { source, .. } => Some(source.kind()),
            _ => None,
        }
    }
}

/// Says of an I/O error what was tried with which path.
pub(crate) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Disk {
        doing,
        path: path.to_owned(),
        source,
    }
}
