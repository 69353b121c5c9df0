//! What the parts of the worker share.

use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;
use tokio::sync::Semaphore;

use crate::Settings;

pub(crate) struct Site {
    pub(crate) store: Store,
    pub(crate) archive: Archive,
    pub(crate) objects: ObjectStore,
    pub(crate) settings: Settings,
    /// Whoever cuts holds one of these.
    pub(crate) knives: Semaphore,
}

impl Site {
    pub(crate) fn new(store: Store, archive: Archive, objects: ObjectStore, settings: Settings) -> Self {
        Self {
            knives: Semaphore::new(settings.parallel),
            store,
            archive,
            objects,
            settings,
        }
    }
}
