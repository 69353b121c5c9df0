//! The database, the archive and the object store that the settings name.

use sluice_config::{Config, ExposeSecret};
use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;
use thiserror::Error;

use crate::objects;

/// All of it, open.
#[derive(Debug)]
pub struct Opened {
    /// The index.
    pub store: Store,
    /// The segments on this machine's disk.
    pub archive: Archive,
    /// What keeps segments and clips for good.
    pub objects: ObjectStore,
}

/// Why they cannot be opened.
#[derive(Debug, Error)]
pub enum StartError {
    /// The archive or the directory of objects cannot be made.
    #[error("{0} (see DATA_DIR)")]
    Directory(#[from] sluice_objects::Error),
    /// The database cannot be used.
    #[error("cannot open the database: {0} (see DATABASE_URL)")]
    Store(#[from] sluice_store::Error),
}

impl Opened {
    /// Opens what the settings name.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        // First, because it makes the data directory, in which the database may be.
        let archive = Archive::open(config.archive_dir())?;
        let objects = objects::open(config)?;
        let store = Store::connect(config.database_url.expose_secret()).await?;
        Ok(Self {
            store,
            archive,
            objects,
        })
    }
}
