//! From spool to timeline: a segment that nginx has closed gets a hard link in the archive, a place on the channel's
//! timeline and a row in the index. One thread does it, so that a channel's segments stay in order.
//!
//! This file is the thread and the way to talk to it; [`worker`] has what it does, [`segment`] looks at files.

mod segment;
mod tail;
mod tailing;
mod worker;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use notify::{
    EventKind,
    event::{ModifyKind, RenameMode},
};
use sluice_domain::Slug;
use sluice_hls::timeline::Segment;
use sluice_objects::Archive;

use self::{tailing::Tailing, worker::Worker};
use super::{channel::Channel, recorder::Recorder};
use crate::clock;

/// How often sessions that are over, and spools that cannot be watched, are looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often open segments are read on. nginx writes each frame as it comes; a part is listed this much later at most.
const READ_ON: Duration = Duration::from_millis(20);

/// Tells the intake what to look at. Cheap to clone.
#[derive(Clone)]
pub(super) struct Intake {
    messages: mpsc::Sender<Message>,
    troubles: Arc<AtomicUsize>,
}

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
    Committed(String),
    Over { session: String, closes_show: bool },
    Tail(Arc<Channel>),
    Forget(Slug),
    Stop,
}

impl Intake {
    /// Starts the thread that watches `root`, the directory of all sessions' directories.
    pub(super) fn start(
        root: PathBuf,
        archive: Archive,
        recorder: Recorder,
        observer: impl Taken,
        grid_us: u64,
    ) -> Result<Self, notify::Error> {
        let (messages, inbox) = mpsc::channel();
        let events = messages.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            for session in event.iter().filter_map(committed) {
                // The receiver is gone only when everything stops.
                let _ = events.send(Message::Committed(session));
            }
        })?;
        let troubles = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&troubles);
        let mut worker = Worker::new(
            root,
            archive,
            recorder,
            Box::new(observer),
            watcher,
            Tailing::new(grid_us),
        );
        thread::Builder::new()
            .name("intake".into())
            .spawn(move || {
                run(&mut worker, &inbox, &told);
                told.store(usize::MAX, Ordering::Relaxed);
            })
            .map_err(notify::Error::io)?;
        Ok(Self { messages, troubles })
    }

    /// Watches a session's directory, which exists already, and takes what is in it.
    pub(super) fn watch(&self, watched: Watched) {
        let _ = self.messages.send(Message::Watch(watched));
    }

    /// The session is over: its tail is taken and its directory removed once nginx is done with it. `closes_show` ends
    /// the show with it, without waiting for the encoder to come back.
    pub(super) fn session_over(&self, session: &str, closes_show: bool) {
        let session = session.to_owned();
        let _ = self.messages.send(Message::Over { session, closes_show });
    }

    /// Somebody watches a channel: its open segment is cut into parts until nobody does. Told by
    /// [`Channel::tailed`] once what is there of it is cut.
    pub(super) fn tail(&self, channel: Arc<Channel>) {
        let _ = self.messages.send(Message::Tail(channel));
    }

    /// A channel is deleted: what is in its sessions' spools is not taken any more, and what was taken is removed.
    pub(super) fn forget(&self, channel: Slug) {
        let _ = self.messages.send(Message::Forget(channel));
    }

    /// Ends the thread.
    pub(super) fn stop(&self) {
        let _ = self.messages.send(Message::Stop);
    }

    /// Whether the thread is there and the system tells it of every spool.
    pub(super) fn is_well(&self) -> bool {
        self.troubles.load(Ordering::Relaxed) == 0
    }
}

fn run(worker: &mut Worker, inbox: &mpsc::Receiver<Message>, troubles: &AtomicUsize) {
    let (mut looked_at, mut read_at) = (Instant::now(), Instant::now());
    loop {
        let due = if worker.is_tailing() {
            read_at + READ_ON
        } else {
            looked_at + TICK
        };
        match inbox.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Message::Watch(watched)) => worker.watch(watched),
            Ok(Message::Committed(session)) => worker.committed(&session),
            Ok(Message::Over { session, closes_show }) => worker.over(&session, closes_show),
            Ok(Message::Tail(channel)) => worker.tail(channel),
            Ok(Message::Forget(channel)) => worker.forget(&channel),
            Ok(Message::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if read_at.elapsed() >= READ_ON {
            read_at = Instant::now();
            worker.read_on();
        }
        // Not with each message: this looks at every session there is.
        if looked_at.elapsed() >= TICK {
            worker.look_at_unwatched();
            worker.finish_settled();
            worker.stop_unwatched_tails(clock::now());
            troubles.store(worker.unwatched(), Ordering::Relaxed);
            looked_at = Instant::now();
        }
    }
}

/// The session whose playlist was just moved into place: nginx's commit of a segment.
fn committed(event: &notify::Event) -> Option<String> {
    let arrived = matches!(event.kind, EventKind::Modify(ModifyKind::Name(RenameMode::To)));
    let path = event.paths.last().filter(|_| arrived)?;
    let is_playlist = path.file_name().is_some_and(|name| name == "index.m3u8");
    let session = path.parent().filter(|_| is_playlist)?.file_name()?;
    session.to_str().map(str::to_owned)
}
