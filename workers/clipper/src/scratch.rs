//! Room to work in, which is cleared whatever becomes of the work.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what was made below: an attempt at a clip that has lost its lease works on until it hears of it.
static MADE: AtomicU64 = AtomicU64::new(0);

/// A directory of an attempt's own. It is removed when this is dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// An empty one below `root`.
    pub(crate) fn new(root: &Path, name: &str) -> io::Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let dir = Self(root.join(format!("{name}-{number}")));
        remove(&dir.0)?;
        fs::create_dir_all(&dir.0)?;
        Ok(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file of that name is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            tracing::warn!(%error, "what a clip was made of stays until the next start");
        }
    }
}

/// Removes what a killed clipper left.
pub(crate) fn sweep(root: &Path) {
    if let Err(error) = remove(root) {
        tracing::warn!(%error, "what is left of earlier clips cannot be removed");
    }
}

fn remove(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
