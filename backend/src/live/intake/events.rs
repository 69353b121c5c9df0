//! What the intake's thread sleeps on: nginx's commits in the spools that are watched, and the live side's messages.
//!
//! The system is asked for renames alone. A segment that is being written changes with every packet of 188 bytes, and
//! each change told of would cost as much as the packet.

use std::{
    collections::HashMap,
    io,
    os::fd::AsFd,
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        eventfd::{EfdFlags, EventFd},
        inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor},
    },
};

/// The file that nginx moves into place when it has closed a segment.
const COMMITTED: &str = "index.m3u8";

/// Sends messages and wakes who sleeps.
pub(super) struct Sender<T> {
    messages: mpsc::Sender<T>,
    bell: Arc<EventFd>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            messages: self.messages.clone(),
            bell: Arc::clone(&self.bell),
        }
    }
}

impl<T> Sender<T> {
    /// Sends a message; into the void, once the thread has ended.
    pub(super) fn send(&self, message: T) {
        let _ = self.messages.send(message);
        // Fails only when it has rung 2^64 times unheard.
        let _ = self.bell.write(1);
    }

    /// Leaves a message for when something else wakes who sleeps.
    pub(super) fn leave(&self, message: T) {
        let _ = self.messages.send(message);
    }
}

/// Where messages arrive.
pub(super) struct Inbox<T> {
    messages: mpsc::Receiver<T>,
    bell: Arc<EventFd>,
}

/// Makes both ends.
pub(super) fn channel<T>() -> io::Result<(Sender<T>, Inbox<T>)> {
    let bell = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?);
    let (messages, received) = mpsc::channel();
    let sender = Sender {
        messages,
        bell: Arc::clone(&bell),
    };
    let inbox = Inbox {
        messages: received,
        bell,
    };
    Ok((sender, inbox))
}

impl<T> Inbox<T> {
    /// The oldest message, if there is one.
    pub(super) fn next(&self) -> Option<T> {
        self.messages.try_recv().ok()
    }
}

/// The spools that the system tells of.
pub(super) struct Spools {
    inotify: Inotify,
    sessions: HashMap<WatchDescriptor, String>,
}

impl Spools {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            inotify: Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?,
            sessions: HashMap::new(),
        })
    }

    /// Watches a session's directory.
    pub(super) fn watch(&mut self, session: &str, directory: &Path) -> io::Result<()> {
        let mask = AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_ONLYDIR;
        let watch = self.inotify.add_watch(directory, mask)?;
        self.sessions.insert(watch, session.to_owned());
        Ok(())
    }

    /// Watches it no more.
    pub(super) fn unwatch(&mut self, session: &str) {
        let of_session = self.sessions.extract_if(|_, watched| watched == session);
        for (watch, _) in of_session {
            // Fails where the directory is gone, and its watch with it.
            let _ = self.inotify.rm_watch(watch);
        }
    }

    /// Sleeps until something is committed, a message has come or the time is over. Gives the sessions in which nginx
    /// has committed a segment: once for each commit, and all of them when the system has lost count.
    pub(super) fn wait<T>(&mut self, inbox: &Inbox<T>, most: Duration) -> io::Result<Vec<String>> {
        // Whole milliseconds, and never a sleep of none in a loop.
        let most = most.checked_add(Duration::from_micros(999)).unwrap_or(most);
        let most = PollTimeout::try_from(most).unwrap_or(PollTimeout::MAX);
        let mut sources = [
            PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN),
            PollFd::new(inbox.bell.as_fd(), PollFlags::POLLIN),
        ];
        unless_interrupted(poll(&mut sources, most))?;
        unless_interrupted(inbox.bell.read())?;
        let events = unless_interrupted(self.inotify.read_events())?.unwrap_or_default();
        Ok(events.into_iter().flat_map(|event| self.committed(&event)).collect())
    }

    fn committed(&mut self, event: &InotifyEvent) -> Vec<String> {
        if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            return self.sessions.values().cloned().collect();
        }
        if event.mask.contains(AddWatchFlags::IN_IGNORED) {
            self.sessions.remove(&event.wd);
        }
        let is_commit = event.name.as_ref().is_some_and(|name| name == COMMITTED);
        let session = self.sessions.get(&event.wd).filter(|_| is_commit);
        session.cloned().into_iter().collect()
    }
}

/// A signal, or a source that has nothing to say, is no error.
fn unless_interrupted<T>(answer: Result<T, Errno>) -> io::Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Errno::EINTR | Errno::EAGAIN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread, time::Instant};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_playlist_moved_into_place_is_told_and_a_growing_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (sender, inbox) = channel::<u8>().unwrap();
        let mut spools = Spools::new().unwrap();
        spools.watch("one", dir.path()).unwrap();
        fs::write(dir.path().join("1.ts"), "packets").unwrap();
        fs::write(dir.path().join("index.m3u8.bak"), "#EXTM3U").unwrap();
        sender.send(7);
        assert!(spools.wait(&inbox, LONG).unwrap().is_empty());
        assert_eq!((inbox.next(), inbox.next()), (Some(7), None));
        fs::rename(dir.path().join("index.m3u8.bak"), dir.path().join(COMMITTED)).unwrap();
        assert_eq!(spools.wait(&inbox, LONG).unwrap(), ["one"]);
        spools.unwatch("one");
        fs::rename(dir.path().join(COMMITTED), dir.path().join("other")).unwrap();
        fs::rename(dir.path().join("other"), dir.path().join(COMMITTED)).unwrap();
        assert!(spools.wait(&inbox, Duration::ZERO).unwrap().is_empty());
    }

    #[test]
    fn a_directory_that_is_not_there_cannot_be_watched() {
        let dir = tempfile::tempdir().unwrap();
        let mut spools = Spools::new().unwrap();
        assert!(spools.watch("one", &dir.path().join("gone")).is_err());
    }

    #[test]
    fn a_message_wakes_the_sleeper_and_silence_or_what_is_left_does_not() {
        let (sender, inbox) = channel::<u8>().unwrap();
        let mut spools = Spools::new().unwrap();
        let begun = Instant::now();
        assert!(spools.wait(&inbox, Duration::from_millis(5)).unwrap().is_empty());
        assert!(begun.elapsed() >= Duration::from_millis(5) && inbox.next().is_none());
        sender.leave(6);
        assert!(spools.wait(&inbox, Duration::from_millis(5)).unwrap().is_empty());
        assert!(begun.elapsed() >= Duration::from_millis(10) && inbox.next() == Some(6));
        let told = thread::spawn(move || sender.send(7));
        spools.wait(&inbox, LONG).unwrap();
        told.join().unwrap();
        assert_eq!(inbox.next(), Some(7));
    }
}
