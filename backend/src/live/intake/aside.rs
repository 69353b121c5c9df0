//! Work that takes longer than open segments can wait to be read: measuring what a killed nginx left, copying to an
//! archive on another file system, removing all that a deleted channel had.
//!
//! A few threads of their own do it. What they have done for a session comes back as a message, and its segments go on
//! in their order; other channels do not notice.

use std::{
    collections::HashSet,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use sluice_objects::Archive;

use super::{
    Message, events,
    segment::{Error, Measured, measured},
};

/// One may be held up by a slow disk, and another by a large file, and there is still one for the rest.
const THREADS: usize = 3;

/// Gives work away.
pub(super) struct Aside {
    queue: mpsc::Sender<Job>,
    /// The sessions that are being worked for: one piece of work for each at a time.
    at_work: HashSet<String>,
}

/// A piece of work that is done.
pub(super) struct Done {
    /// The session that it was for.
    pub(super) session: String,
    /// What came of it.
    pub(super) result: Result<Product, Error>,
}

/// What comes of work.
pub(super) enum Product {
    /// It is known how long a segment is.
    Measured(Measured),
    /// A segment is in the archive under this name.
    Copied(PathBuf),
}

/// A segment to be copied into the archive.
pub(super) struct Copy {
    pub(super) source: PathBuf,
    pub(super) slug: String,
    pub(super) name: String,
}

enum Job {
    For(String, Box<dyn FnOnce() -> Result<Product, Error> + Send>),
    Remove(PathBuf),
}

impl Aside {
    /// Starts the threads; they end when this is dropped and all work is done.
    pub(super) fn start(messages: &events::Sender<Message>) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..THREADS {
            let (jobs, messages) = (Arc::clone(&jobs), messages.clone());
            thread::Builder::new()
                .name("intake-aside".into())
                .spawn(move || run(&jobs, &messages))?;
        }
        Ok(Self {
            queue,
            at_work: HashSet::new(),
        })
    }

    /// Whether something is being done for a session.
    pub(super) fn is_at_work(&self, session: &str) -> bool {
        self.at_work.contains(session)
    }

    /// Finds out how long a session's segment is.
    pub(super) fn measure(&mut self, session: &str, source: PathBuf) {
        self.work(session, move || measured(source).map(Product::Measured));
    }

    /// Copies a session's segment to where it will be.
    pub(super) fn copy(&mut self, session: &str, archive: &Archive, copy: Copy) {
        let archive = archive.clone();
        self.work(session, move || {
            archive.adopt(&copy.source, &copy.slug, &copy.name)?;
            Ok(Product::Copied(archive.path(&copy.slug, &copy.name)?))
        });
    }

    /// Removes a directory and all that is in it.
    pub(super) fn remove(&self, directory: PathBuf) {
        // The threads outlive the queue.
        let _ = self.queue.send(Job::Remove(directory));
    }

    /// The message of it has come.
    pub(super) fn is_done(&mut self, session: &str) {
        self.at_work.remove(session);
    }

    fn work(&mut self, session: &str, work: impl FnOnce() -> Result<Product, Error> + Send + 'static) {
        if self.at_work.insert(session.to_owned()) {
            let _ = self.queue.send(Job::For(session.to_owned(), Box::new(work)));
        }
    }
}

fn run(jobs: &Mutex<mpsc::Receiver<Job>>, messages: &events::Sender<Message>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(Job::For(session, work)) => {
                let result = catch_unwind(AssertUnwindSafe(work))
                    .unwrap_or_else(|_| Err(Error::Io(io::Error::other("its reader has panicked"))));
                messages.send(Message::Done(Done { session, result }));
            }
            Ok(Job::Remove(directory)) => remove(&directory),
            Err(mpsc::RecvError) => return,
        }
    }
}

fn remove(directory: &std::path::Path) {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::error!(%error, directory = %directory.display(), "a deleted channel's archive stays on disk");
        }
        _ => {}
    }
}
