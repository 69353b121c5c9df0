//! What the parts of the worker share.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_objects::{Archive, Key, ObjectStore};
use sluice_store::Store;
use sluice_store::offload::Kept;
use sluice_store::storage::State;

use crate::Settings;

pub(crate) struct Site {
    pub(crate) store: Store,
    pub(crate) archive: Archive,
    pub(crate) objects: ObjectStore,
    pub(crate) settings: Settings,
    pub(crate) started_at: Millis,
    pub(crate) counts: Counts,
    standing: Mutex<Standing>,
}

/// What was done since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) stored: Count,
    pub(crate) evicted: Count,
    pub(crate) failed: AtomicI64,
    pub(crate) lost: AtomicI64,
}

/// Segments, and their bytes.
#[derive(Debug, Default)]
pub(crate) struct Count {
    segments: AtomicI64,
    bytes: AtomicI64,
}

/// How things stand.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Between us and the object store.
    pub(crate) state: State,
    /// What the object store's trouble is.
    pub(crate) store_problem: Option<String>,
    /// What the disk's trouble is.
    pub(crate) disk_problem: Option<String>,
}

impl Site {
    pub(crate) fn new(store: Store, archive: Archive, objects: ObjectStore, settings: Settings) -> Self {
        Self {
            store,
            archive,
            objects,
            settings,
            started_at: clock::now(),
            counts: Counts::default(),
            standing: Mutex::new(Standing {
                state: State::Working,
                store_problem: None,
                disk_problem: None,
            }),
        }
    }

    pub(crate) fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a segment; nothing for a name that no segment has, which the index does not hold.
    pub(crate) fn key(&self, kept: &Kept) -> Option<Key> {
        let key = Key::segment(&kept.slug, &kept.name);
        if let Err(error) = &key {
            tracing::error!(%error, "a row of the index names no segment");
        }
        key.ok()
    }

    /// Whether what leaves the archive leaves its disk. Objects in a directory of the same disk are the same files.
    pub(crate) fn eviction_frees(&self) -> bool {
        let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
        match self.objects.root() {
            Some(objects) => device(objects) != device(self.archive.root()),
            None => true,
        }
    }
}

impl Count {
    pub(crate) fn add(&self, bytes: i64) {
        self.segments.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn segments(&self) -> i64 {
        self.segments.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> i64 {
        self.bytes.load(Ordering::Relaxed)
    }
}
