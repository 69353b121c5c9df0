//! From spool to timeline: a segment that nginx has closed gets a hard link in the archive, a place on the channel's
//! timeline and a row in the index. One thread does it, so that a channel's segments stay in order.
//!
//! On channels that are watched, the segment that nginx is still writing is read as well, and listed part by part.
//!
//! This file is the thread and the way to talk to it; [`events`] is what it sleeps on, [`worker`] holds the spools,
//! [`taking`] takes closed segments, [`tailing`], [`tail`] and [`reading`] read open ones, [`segment`] looks at files, [`aside`] does
//! what takes long.

mod aside;
mod events;
mod lead;
mod reading;
mod segment;
mod tail;
mod tailing;
mod taking;
mod worker;

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use sluice_domain::Slug;
use sluice_hls::timeline::Segment;
use sluice_objects::Archive;

use self::{aside::Done, events::Inbox, worker::Worker};
use super::{channel::Channel, recorder::Recorder};
use crate::clock;

/// How often sessions that are over, and spools that cannot be watched, are looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often open segments are read on. nginx writes each frame as it comes: a part is listed this much later at most,
/// and half of it on average. For fifty channels of 2 Mb/s it costs a fortieth of a core.
const READ_ON: Duration = Duration::from_millis(10);

/// What the intake works with.
pub(super) struct Setup {
    /// The directory of all sessions' directories.
    pub root: PathBuf,
    /// Where segments go.
    pub archive: Archive,
    /// Writes their rows.
    pub recorder: Recorder,
    /// Is told of them.
    pub observer: Box<dyn Taken>,
    /// About how long parts are, in microseconds.
    pub grid_us: u64,
}

/// Tells the intake what to look at. Cheap to clone.
#[derive(Clone)]
pub(super) struct Intake {
    messages: events::Sender<Message>,
    troubles: Arc<AtomicUsize>,
    problem: Problem,
}

/// Why segments wait in the spool, where they do.
type Problem = Arc<Mutex<Option<String>>>;

/// What the intake tells the rest of the live side.
pub(super) trait Taken: Send + 'static {
    /// A segment of a session stands in its channel's playlist; its file is in the archive.
    fn taken(&self, session: &str, channel: &Arc<Channel>, segment: &Segment, file: PathBuf);
}

/// A session whose spool is to be watched.
pub(super) struct Watched {
    /// The session's id, which is its directory's name.
    pub session: String,
    /// The channel its segments go to.
    pub channel: Arc<Channel>,
    /// The number its next segment has.
    pub next_seq: u64,
    /// It is over already: only what is left is taken.
    pub over: bool,
}

enum Message {
    Watch(Watched),
    Over { session: String, closes_show: bool },
    Tail(Arc<Channel>),
    Forget(Slug),
    Done(Done),
    Stop,
}

impl Intake {
    /// Starts the thread.
    pub(super) fn start(setup: Setup) -> io::Result<Self> {
        let (messages, inbox) = events::channel()?;
        let troubles = Arc::new(AtomicUsize::new(0));
        let told = Running(Arc::clone(&troubles));
        let problem = Problem::default();
        let why = Arc::clone(&problem);
        let mut worker = Worker::new(setup, &messages)?;
        thread::Builder::new().name("intake".into()).spawn(move || {
            let told = told;
            run(&mut worker, &inbox, &told.0, &why);
        })?;
        Ok(Self {
            messages,
            troubles,
            problem,
        })
    }

    /// Watches a session's directory, which exists already, and takes what is in it.
    pub(super) fn watch(&self, watched: Watched) {
        self.messages.send(Message::Watch(watched));
    }

    /// The same of a session that begins now, within half a second: nginx closes its first segment after two, and until
    /// then there is nothing to be taken. Encoders that come by the dozen are not kept waiting by that.
    pub(super) fn watch_soon(&self, watched: Watched) {
        self.messages.leave(Message::Watch(watched));
    }

    /// The session is over: its tail is taken and its directory removed once nginx is done with it. `closes_show` ends
    /// the show with it, without waiting for the encoder to come back.
    pub(super) fn session_over(&self, session: &str, closes_show: bool) {
        let session = session.to_owned();
        self.messages.send(Message::Over { session, closes_show });
    }

    /// Somebody watches a channel: its open segment is cut into parts until nobody does. Told by
    /// [`Channel::tailed`] once what is there of it is cut.
    pub(super) fn tail(&self, channel: Arc<Channel>) {
        self.messages.send(Message::Tail(channel));
    }

    /// A channel is deleted: what is in its sessions' spools is not taken any more, and what was taken is removed.
    pub(super) fn forget(&self, channel: Slug) {
        self.messages.send(Message::Forget(channel));
    }

    /// Ends the thread.
    pub(super) fn stop(&self) {
        self.messages.send(Message::Stop);
    }

    /// Why segments wait in the spool and are not listed, where they do.
    pub(super) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the thread is there and the system tells it of every spool.
    pub(super) fn is_well(&self) -> bool {
        self.troubles.load(Ordering::Relaxed) == 0
    }
}

/// Held by the thread. An end that nobody asked for, by a panic, is told of as well.
struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(usize::MAX, Ordering::Relaxed);
    }
}

fn run(worker: &mut Worker, inbox: &Inbox<Message>, troubles: &AtomicUsize, problem: &Mutex<Option<String>>) {
    let (mut looked_at, mut read_at) = (Instant::now(), Instant::now());
    loop {
        let due = if worker.is_tailing() {
            read_at + READ_ON
        } else {
            looked_at + TICK
        };
        worker.wait(inbox, due.saturating_duration_since(Instant::now()));
        while let Some(message) = inbox.next() {
            match message {
                Message::Watch(watched) => worker.watch(watched),
                Message::Over { session, closes_show } => worker.over(&session, closes_show),
                Message::Tail(channel) => worker.tail(&channel),
                Message::Forget(channel) => worker.forget(&channel),
                Message::Done(done) => worker.done(done),
                Message::Stop => return,
            }
        }
        if read_at.elapsed() >= READ_ON {
            read_at = Instant::now();
            worker.read_on();
        }
        // Not with each message: this looks at every session there is.
        if looked_at.elapsed() >= TICK {
            worker.look_at_unwatched();
            worker.take_refused();
            worker.finish_settled();
            worker.stop_unwatched_tails(clock::now());
            troubles.store(worker.unwatched(), Ordering::Relaxed);
            *problem.lock().unwrap_or_else(PoisonError::into_inner) = worker.problem();
            looked_at = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_panics_is_not_taken_for_well() {
        let troubles = Arc::new(AtomicUsize::new(0));
        let told = Running(Arc::clone(&troubles));
        let ended = thread::spawn(move || {
            let _told = told;
            panic!("on purpose");
        });
        assert!(ended.join().is_err());
        assert_eq!(troubles.load(Ordering::Relaxed), usize::MAX);
    }
}
