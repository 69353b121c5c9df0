//! The archive directory.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use crate::error::{Error, disk};
use crate::layout;

/// The directory that holds every channel's segments.
#[derive(Clone, Debug)]
pub struct Archive {
    root: PathBuf,
}

/// How much room a disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What may still be written without special rights, in bytes.
    pub free_bytes: u64,
    /// What is written, in bytes.
    pub used_bytes: u64,
    /// The file system's size, in bytes. Some of it may be neither free nor used, but kept for the system.
    pub total_bytes: u64,
}

impl Space {
    /// How full the disk is in percent, rounded up, as `df` tells it: what is kept for the system does not count.
    pub const fn used_percent(self) -> u64 {
        match self.used_bytes.saturating_add(self.free_bytes) {
            0 => 0,
            usable => self.used_bytes.saturating_mul(100).div_ceil(usable),
        }
    }

    /// How much must go for the disk to be no fuller than so many percent, in bytes.
    pub const fn excess_bytes(self, percent: u8) -> u64 {
        let usable = self.used_bytes.saturating_add(self.free_bytes);
        self.used_bytes.saturating_sub(usable / 100 * percent as u64)
    }
}

impl Archive {
    /// The archive at `root`, which is made if it is not there.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(disk("making", &root))?;
        Ok(Self { root })
    }

    /// The directory below which all is kept.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a segment lies, or would. An error for names that no channel or segment can have.
    pub fn path(&self, slug: &str, name: &str) -> Result<PathBuf, Error> {
        Ok(self.root.join(layout::segment(slug, name)?))
    }

    /// Takes a closed segment from the spool, whose own file stays; returns its length in bytes.
    ///
    /// By hard link: nothing is copied, and the segment is in the archive whole or not at all. Only where spool and
    /// archive are on different file systems it is copied, synced and renamed into place. Doing it again is no error,
    /// as long as what is there has the same length.
    pub fn adopt(&self, spooled: &Path, slug: &str, name: &str) -> Result<u64, Error> {
        if let Some(there) = self.link(spooled, slug, name)? {
            return Ok(there);
        }
        let kept = self.path(slug, name)?;
        copy(spooled, &kept).map_err(disk("copying to", &kept))?;
        length(&kept)
    }

    /// The same where it takes no time: nothing is done, and nothing returned, where the segment would have to be
    /// copied.
    pub fn link(&self, spooled: &Path, slug: &str, name: &str) -> Result<Option<u64>, Error> {
        let kept = self.path(slug, name)?;
        let offered = length(spooled)?;
        match in_its_directory(&kept, || fs::hard_link(spooled, &kept)) {
            Ok(()) => Ok(Some(offered)),
            Err(refused) if refused.kind() == ErrorKind::AlreadyExists => match length(&kept)? {
                there if there == offered => Ok(Some(there)),
                there => Err(Error::Occupied {
                    path: kept,
                    there,
                    offered,
                }),
            },
            Err(refused) if refused.kind() == ErrorKind::CrossesDevices => Ok(None),
            Err(refused) => Err(disk("linking to", &kept)(refused)),
        }
    }

    /// Removes a segment, and its day's directory with the last one; false if it was not there.
    pub fn remove(&self, slug: &str, name: &str) -> Result<bool, Error> {
        let kept = self.path(slug, name)?;
        let removed = unless_missing(fs::remove_file(&kept)).map_err(disk("removing", &kept))?;
        if let Some(day) = kept.parent() {
            // Refused while there is a segment left in it, which is as it should be.
            let _ = fs::remove_dir(day);
        }
        Ok(removed)
    }

    /// Takes all that a channel has here out of its place, which takes no time, and returns where it is to be removed
    /// from; nothing if there was nothing.
    pub fn set_aside(&self, slug: &str) -> Result<Option<PathBuf>, Error> {
        let channel = self.root.join(layout::channel(slug)?);
        if !channel.exists() {
            return Ok(None);
        }
        for number in 0_u64.. {
            let aside = self.aside().join(format!("{slug}-{number}"));
            match in_its_directory(&aside, || fs::rename(&channel, &aside)) {
                Err(taken) if matches!(taken.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {}
                moved => return moved.map(|()| Some(aside)).map_err(disk("moving", &channel)),
            }
        }
        Ok(None)
    }

    /// Where that is: no channel has such a name. What is left in it by a process that ended may be removed.
    pub fn aside(&self) -> PathBuf {
        self.root.join(".removed")
    }

    /// The room on the archive's disk.
    pub fn space(&self) -> Result<Space, Error> {
        let found = statvfs(&self.root).map_err(|errno| disk("measuring", &self.root)(errno.into()))?;
        let block = found.fragment_size();
        Ok(Space {
            free_bytes: found.blocks_available().saturating_mul(block),
            used_bytes: found.blocks().saturating_sub(found.blocks_free()).saturating_mul(block),
            total_bytes: found.blocks().saturating_mul(block),
        })
    }
}

/// Puts a copy in its place, whole or not at all, and on the disk before it is visible.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let partial = to.with_extension("partial");
    let copied = fs::copy(from, &partial)
        .and_then(|_| File::open(&partial)?.sync_all())
        .and_then(|()| fs::rename(&partial, to));
    if copied.is_err() {
        // The next attempt overwrites what cannot be removed now.
        let _ = fs::remove_file(&partial);
    }
    copied
}

fn length(path: &Path) -> Result<u64, Error> {
    fs::metadata(path)
        .map(|found| found.len())
        .map_err(disk("reading", path))
}

/// How often a directory is made anew. A removal may prune it between its making and its use, and where threads adopt and
/// remove in step that was seen eight times in a row.
const ATTEMPTS: usize = 100;

/// Tries something that needs the directory of `path`; makes the directory where it is missing.
pub(crate) fn in_its_directory(path: &Path, attempt: impl Fn() -> io::Result<()>) -> io::Result<()> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(refused) if refused.kind() == ErrorKind::NotFound => {}
            done => return done,
        }
        match path.parent().map_or(Ok(()), fs::create_dir_all) {
            // Pruned while it was being made: said of the directory, and never to be taken for the file.
            Err(pruned) if matches!(pruned.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {}
            made => made?,
        }
    }
    attempt()
}

/// Whether a removal found anything to remove.
pub(crate) fn unless_missing(removal: io::Result<()>) -> io::Result<bool> {
    match removal {
        Ok(()) => Ok(true),
        Err(refused) if refused.kind() == ErrorKind::NotFound => Ok(false),
        Err(refused) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn space(used_bytes: u64, free_bytes: u64) -> Space {
        Space {
            free_bytes,
            used_bytes,
            total_bytes: 2000,
        }
    }

    #[test]
    fn a_disk_is_as_full_as_df_says() {
        let fills =
            [(850, 150), (841, 159), (1000, 0), (0, 1000), (0, 0)].map(|(used, free)| space(used, free).used_percent());
        assert_eq!(fills, [85, 85, 100, 0, 0]);
    }

    #[test]
    fn what_must_go_is_what_lies_above_the_mark() {
        let excess = [850, 750, 749, 1000].map(|used| space(used, 1000 - used).excess_bytes(75));
        assert_eq!(excess, [100, 0, 0, 250]);
    }
}
