//! The whole playlist in gzip, handed over to our nginx: a file that it sends by itself (`nginx/rewound.conf`).
//!
//! nginx sends a file without copying it, the backend's own answer is copied twice. So the first who asks for a version by
//! way of nginx is answered by the backend, which then puts the file in nginx's way; it takes it away again as soon as
//! there is a newer version, or not everyone may rewind any more. Nothing depends on the file: where it is not, or cannot
//! be written, nginx asks the backend.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use actix_web::http::header::HeaderValue;

use crate::{live::bodies::Encoded, random};

/// Where addresses of channels begin.
const CHANNELS: &str = "live";

/// Where one channel's playlist is handed over.
#[derive(Debug)]
pub(super) struct Handover {
    file: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Everyone may have it.
    is_open: bool,
    /// The file is there.
    is_made: bool,
}

/// Takes away whatever a process before has left, of which nobody knows any more whether it still holds.
pub(in crate::live) fn clear(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir.join(CHANNELS)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A playlist in gzip, under the entity tag that nginx gives its file.
pub(super) fn tagged(gzip: Vec<u8>) -> Encoded {
    let tag = format!("\"{:x}-{:x}\"", seconds(&gzip), gzip.len());
    Encoded {
        // Hexadecimal digits are a header's value.
        etag: HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\"")),
        bytes: gzip.into(),
    }
}

/// The time that a file with these bytes is given. nginx makes its entity tag of time and length, and two versions within a
/// second may be equally long: so the time is a fingerprint, as large as every file system takes.
fn seconds(bytes: &[u8]) -> u64 {
    let digits = random::fingerprint(bytes);
    let fingerprint = digits.get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    fingerprint.unwrap_or_default() & 0x7fff_ffff
}

impl Handover {
    /// nginx looks for the answer to an address under its path (`dir` is its root), with `.gz` behind it. Nothing is handed
    /// over until somebody says that everyone may have it.
    pub(super) fn new(dir: &Path, slug: &str) -> Self {
        Self {
            file: dir.join(CHANNELS).join(slug).join("dvr.m3u8.gz"),
            state: Mutex::default(),
        }
    }

    /// Hands a version over. `is_newest` is asked last: whoever has a newer one withdraws what is there after having told.
    pub(super) fn make(&self, version: &Encoded, is_newest: impl FnOnce() -> bool) -> io::Result<()> {
        if !self.state().is_open {
            return Ok(());
        }
        // Two versions may be on their way at once.
        let digits = version.etag.to_str().unwrap_or_default().trim_matches('"');
        let new = self.file.with_extension(digits);
        let made = self.write(&new, &version.bytes);
        let mut state = self.state();
        if made.is_ok() && state.is_open && is_newest() {
            state.is_made = true;
            fs::rename(&new, &self.file)
        } else {
            drop(state);
            made.and(fs::remove_file(&new))
        }
    }

    /// What was handed over does not hold any more. nginx may send it for another second.
    pub(super) fn withdraw(&self) {
        self.remove(&mut self.state());
    }

    /// Says whether everyone may have what is handed over.
    pub(super) fn set_open(&self, is_open: bool) {
        let mut state = self.state();
        state.is_open = is_open;
        if !is_open {
            self.remove(&mut state);
        }
    }

    fn remove(&self, state: &mut State) {
        if !state.is_made {
            return;
        }
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::error!(%error, file = %self.file.display(), "a playlist that does not hold any more is still served");
            }
            _ => state.is_made = false,
        }
    }

    fn write(&self, new: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(dir) = self.file.parent() {
            fs::create_dir_all(dir)?;
        }
        let mut file = File::create(new)?;
        file.write_all(bytes)?;
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds(bytes)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        self.withdraw();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handover(dir: &Path) -> Handover {
        let handover = Handover::new(dir, "stage");
        handover.set_open(true);
        handover
    }

    fn files(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir.join("live").join("stage")).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_version_is_there_until_it_is_withdrawn() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        handover.make(&tagged(b"one".to_vec()), || true).unwrap();
        assert_eq!(files(dir.path()), ["dvr.m3u8.gz"]);
        handover.withdraw();
        assert!(files(dir.path()).is_empty());
        handover.make(&tagged(b"two".to_vec()), || true).unwrap();
        drop(handover);
        assert!(files(dir.path()).is_empty());
    }

    #[test]
    fn what_is_old_already_or_not_for_everyone_is_not_handed_over() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        handover.make(&tagged(b"old".to_vec()), || false).unwrap();
        assert!(files(dir.path()).is_empty());
        handover.make(&tagged(b"new".to_vec()), || true).unwrap();
        handover.set_open(false);
        assert!(files(dir.path()).is_empty());
        handover.make(&tagged(b"closed".to_vec()), || true).unwrap();
        assert!(files(dir.path()).is_empty());
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        fs::write(dir.path().join("live"), "not a directory").unwrap();
        handover.make(&tagged(b"lost".to_vec()), || true).unwrap_err();
        handover.withdraw();
    }

    #[test]
    fn a_files_time_says_what_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        for text in ["one", "two"] {
            let version = tagged(text.as_bytes().to_vec());
            handover.make(&version, || true).unwrap();
            let time = fs::metadata(dir.path().join("live/stage/dvr.m3u8.gz")).unwrap();
            let time = time.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
            assert_eq!(version.etag, format!("\"{:x}-3\"", time.as_secs()).as_str());
        }
        assert_ne!(tagged(b"one".to_vec()).etag, tagged(b"two".to_vec()).etag);
    }
}
