//! What the parts of the worker share.

use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;

use crate::Settings;

pub(crate) struct Site {
    pub(crate) store: Store,
    pub(crate) archive: Archive,
    pub(crate) objects: ObjectStore,
    pub(crate) settings: Settings,
}
