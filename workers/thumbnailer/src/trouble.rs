//! What keeps the worker from its work. All of it may pass: what is missing is still missing afterwards.

use std::io;

use sluice_objects::Fault;
use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum Trouble {
    #[error("the index: {0}")]
    Index(#[from] sluice_store::Error),
    #[error("{0}")]
    Storage(#[from] Fault),
    #[error("the object store does not answer")]
    Silence,
    #[error("{0}")]
    Ffmpeg(#[from] sluice_media::Error),
    #[error("{0}")]
    Name(#[from] sluice_objects::Error),
    #[error("reading a segment: {0}")]
    Archive(#[source] io::Error),
    #[error("keeping a picture: {0}")]
    Disk(#[from] io::Error),
}

impl Trouble {
    /// Told once for as long as it is of one kind.
    pub(crate) fn kind(&self) -> std::mem::Discriminant<Self> {
        std::mem::discriminant(self)
    }
}
