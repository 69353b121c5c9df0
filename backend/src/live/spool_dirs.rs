//! The directories in which the media server writes sessions: made, emptied, and used again.
//!
//! A file system does not give out the number of a file that was deleted lately: ext4 looks each of them up and passes
//! it by, for up to six minutes. Where segments are written and deleted all the time, a new directory costs more than
//! everything else that letting a publisher in takes; one that is there already costs a change of its name.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Empty directories kept, a block of disk each: as many as publishers may come at once.
const SPARE: usize = 256;

/// Gives sessions their directories and takes them back. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct SpoolDirs {
    root: PathBuf,
    spare: PathBuf,
    free: Arc<Mutex<Vec<PathBuf>>>,
}

impl SpoolDirs {
    /// Sessions are below `root`; empty directories are kept beside it. Both are made.
    pub(super) fn open(root: PathBuf) -> io::Result<Self> {
        let spare = root.with_file_name("spare");
        fs::create_dir_all(&root)?;
        fs::create_dir_all(&spare)?;
        let dirs = Self {
            root,
            spare,
            free: Arc::default(),
        };
        for kept in fs::read_dir(&dirs.spare)? {
            let path = kept?.path();
            if let Err(error) = dirs.keep(path.clone()) {
                tracing::warn!(%error, path = %path.display(), "what was kept of the spool cannot be used");
            }
        }
        Ok(dirs)
    }

    /// Where all sessions are.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a session is.
    pub(super) fn of(&self, session: &str) -> PathBuf {
        self.root.join(session)
    }

    /// Gives a session an empty directory.
    pub(super) fn make(&self, session: &str) -> io::Result<()> {
        let path = self.of(session);
        let free = self.free().pop();
        match free.map(|free| fs::rename(free, &path)) {
            Some(Ok(())) => Ok(()),
            _ => fs::create_dir_all(path),
        }
    }

    /// Takes a session's directory back, and what is left in it away. One that is not there is no error.
    pub(super) fn take_back(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        let kept = self.spare.join(name);
        // Away from where the media server knows it before it is emptied, so that nothing comes into it afterwards.
        match fs::rename(path, &kept) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            moved => moved.and_then(|()| self.keep(kept)),
        }
    }

    fn keep(&self, kept: PathBuf) -> io::Result<()> {
        if self.free().len() >= SPARE {
            return fs::remove_dir_all(kept);
        }
        for left in fs::read_dir(&kept)? {
            fs::remove_file(left?.path())?;
        }
        self.free().push(kept);
        Ok(())
    }

    fn free(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_empty(directory: &Path) -> bool {
        fs::read_dir(directory).unwrap().next().is_none()
    }

    fn names(directory: &Path) -> Vec<String> {
        let names = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_directory_taken_back_is_given_to_the_next_session_empty() {
        let data = tempfile::tempdir().unwrap();
        let dirs = SpoolDirs::open(data.path().join("hls")).unwrap();
        dirs.make("one").unwrap();
        fs::write(dirs.of("one").join("1.ts"), "left").unwrap();
        dirs.take_back(&dirs.of("one")).unwrap();
        dirs.take_back(&dirs.of("one")).unwrap();
        assert!(names(dirs.root()).is_empty());
        assert_eq!(names(&data.path().join("spare")), ["one"]);
        dirs.make("two").unwrap();
        dirs.make("three").unwrap();
        assert_eq!(names(dirs.root()), ["three", "two"]);
        assert!(is_empty(&dirs.of("two")) && names(&data.path().join("spare")).is_empty());
    }

    #[test]
    fn what_a_killed_process_left_to_be_emptied_is_emptied_at_the_next_start() {
        let data = tempfile::tempdir().unwrap();
        let left = data.path().join("spare/one");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("1.ts"), "left").unwrap();
        let dirs = SpoolDirs::open(data.path().join("hls")).unwrap();
        dirs.make("two").unwrap();
        assert!(is_empty(&dirs.of("two")) && names(&data.path().join("spare")).is_empty());
    }

    #[test]
    fn no_more_directories_are_kept_than_publishers_come_at_once() {
        let data = tempfile::tempdir().unwrap();
        let dirs = SpoolDirs::open(data.path().join("hls")).unwrap();
        let sessions: Vec<String> = (0..SPARE + 3).map(|number| number.to_string()).collect();
        sessions.iter().for_each(|session| dirs.make(session).unwrap());
        sessions
            .iter()
            .for_each(|session| dirs.take_back(&dirs.of(session)).unwrap());
        assert!(names(dirs.root()).is_empty());
        assert_eq!(names(&data.path().join("spare")).len(), SPARE);
    }
}
