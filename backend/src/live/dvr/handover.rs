//! The whole playlist in gzip, handed over to our nginx: a file that it sends by itself (`nginx/rewound.conf`).
//!
//! nginx sends a file without copying it, the backend's own answer is copied twice. So the first who asks for a version by
//! way of nginx is answered by the backend, which then puts the file in nginx's way; it takes it away again as soon as
//! there is a newer version, not everyone may rewind any more, or the process ends. Nothing depends on the file: where it is
//! not, or cannot be written, nginx asks the backend.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use actix_web::http::header::HeaderValue;

use super::Settings;
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
    /// Nothing is handed over any more, whatever is said.
    is_closed: bool,
    /// The file is there.
    is_made: bool,
}

/// Takes away whatever was handed over: of a process that has ended nobody knows any more whether it still holds. And
/// forgets whom nginx has answered since: how long ago that was is not known either.
pub(in crate::live) fn clear(settings: &Settings) -> io::Result<()> {
    absent_or(fs::remove_dir_all(settings.handover.join(CHANNELS)))?;
    let log = File::options().write(true).truncate(true).open(&settings.answered);
    absent_or(log.map(drop))
}

fn absent_or(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
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

    /// Hands a version over, and says whether that was done. `is_newest` is asked last: whoever has a newer one withdraws
    /// what is there after having told.
    pub(super) fn make(&self, version: &Encoded, is_newest: impl FnOnce() -> bool) -> io::Result<bool> {
        if !self.state().is_open {
            return Ok(false);
        }
        // Two versions may be on their way at once.
        let digits = version.etag.to_str().unwrap_or_default().trim_matches('"');
        let new = self.file.with_extension(digits);
        let made = self
            .write(&new, &version.bytes)
            .and_then(|()| self.show(&new, is_newest));
        if !matches!(made, Ok(true)) {
            absent_or(fs::remove_file(&new))?;
        }
        made
    }

    fn show(&self, new: &Path, is_newest: impl FnOnce() -> bool) -> io::Result<bool> {
        let mut state = self.state();
        let holds = state.is_open && is_newest();
        if holds {
            state.is_made = true;
            fs::rename(new, &self.file)?;
        }
        Ok(holds)
    }

    /// What was handed over does not hold any more. nginx may send it for another second.
    pub(super) fn withdraw(&self) {
        self.remove(&mut self.state());
    }

    /// Says whether everyone may have what is handed over.
    pub(super) fn set_open(&self, is_open: bool) {
        let mut state = self.state();
        state.is_open = is_open && !state.is_closed;
        if !state.is_open {
            self.remove(&mut state);
        }
    }

    /// Takes away what is there, for good.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.set_open(false);
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
        assert!(handover.make(&tagged(b"one".to_vec()), || true).unwrap());
        assert_eq!(files(dir.path()), ["dvr.m3u8.gz"]);
        handover.withdraw();
        assert!(files(dir.path()).is_empty());
    }

    #[test]
    fn what_is_closed_stays_closed() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        handover.make(&tagged(b"one".to_vec()), || true).unwrap();
        handover.close();
        handover.set_open(true);
        assert!(!handover.make(&tagged(b"two".to_vec()), || true).unwrap());
        assert!(files(dir.path()).is_empty());
    }

    #[test]
    fn what_is_old_already_or_not_for_everyone_is_not_handed_over() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        assert!(!handover.make(&tagged(b"old".to_vec()), || false).unwrap());
        assert!(files(dir.path()).is_empty());
        handover.make(&tagged(b"new".to_vec()), || true).unwrap();
        handover.set_open(false);
        assert!(files(dir.path()).is_empty());
        assert!(!handover.make(&tagged(b"closed".to_vec()), || true).unwrap());
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
    fn what_cannot_be_put_in_its_place_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let handover = handover(dir.path());
        fs::create_dir_all(handover.file.join("not a file")).unwrap();
        handover.make(&tagged(b"lost".to_vec()), || true).unwrap_err();
        assert_eq!(files(dir.path()), ["dvr.m3u8.gz"]);
    }

    #[test]
    fn nothing_is_left_of_what_another_process_has_handed_over_nor_of_whom_it_was_sent_to() {
        let dir = tempfile::tempdir().unwrap();
        let config = sluice_config::Config::from_vars([("JWT_SECRET", "0123456789abcdef0123456789abcdef")]).unwrap();
        let settings = Settings {
            window_hours: 24,
            wall_clock: false,
            delivery: crate::delivery::Delivery::open(&config).unwrap(),
            handover: dir.path().join("rewound"),
            answered: dir.path().join("rewound.log"),
        };
        clear(&settings).unwrap();
        assert!(!settings.answered.exists(), "nginx makes it");
        let handover = handover(&settings.handover);
        handover.make(&tagged(b"one".to_vec()), || true).unwrap();
        fs::write(&settings.answered, "::1 200 /live/stage/dvr.m3u8 VLC\n").unwrap();
        clear(&settings).unwrap();
        assert!(files(&settings.handover).is_empty());
        assert_eq!(fs::read(&settings.answered).unwrap(), b"");
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
