//! What the parts of the worker share.

use std::path::Path;

use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;

use crate::Settings;
use crate::remembered::Remembered;

pub(crate) struct Site {
    pub(crate) store: Store,
    pub(crate) archive: Archive,
    pub(crate) objects: ObjectStore,
    pub(crate) settings: Settings,
}

/// What pictures are made on.
pub(crate) struct Desk<'a> {
    pub(crate) site: &'a Site,
    /// For files on the way.
    pub(crate) scratch: &'a Path,
    pub(crate) remembered: &'a mut Remembered,
}
