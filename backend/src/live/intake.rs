//! From spool to timeline: a segment that nginx has closed gets a hard link in the archive, a place on the channel's
//! timeline and a row in the index. One thread does it, so that a channel's segments stay in order.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use notify::{
    EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{ModifyKind, RenameMode},
};
use sluice_domain::Slug;
use sluice_hls::{
    nginx_playlist::{self, Spooled},
    timeline::Segment,
    ts,
};
use sluice_objects::Archive;
use thiserror::Error;

use super::{
    channel::Channel,
    recorder::{Record, Recorder},
    spool::{self, Candidate, Reach},
    timeline::Incoming,
};
use crate::{clock, ops::metrics};

/// nginx closes the last segment within milliseconds of the encoder's end; what is not there by now never comes.
const SETTLED: Duration = Duration::from_secs(3);
/// How often sessions that are over are looked at.
const TICK: Duration = Duration::from_millis(500);
/// A segment file larger than this is not measured: 20 s at 200 Mb/s.
const MEASURED_MOST: u64 = 512 << 20;

/// Tells the intake what to look at. Cheap to clone.
#[derive(Clone)]
pub(super) struct Intake {
    messages: mpsc::Sender<Message>,
    running: Arc<AtomicBool>,
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
    /// It is over: only what is left is taken.
    pub over: bool,
}

enum Message {
    Watch(Watched),
    Committed(String),
    Over(String),
    Forget(Slug),
    Stop,
}

struct Spool {
    watched: Watched,
    over_since: Option<Instant>,
}

struct Worker<T> {
    root: PathBuf,
    archive: Archive,
    recorder: Recorder,
    observer: T,
    watcher: RecommendedWatcher,
    spools: HashMap<String, Spool>,
}

#[derive(Debug, Error)]
enum Error {
    #[error("the spool cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("nginx's playlist cannot be read: {0}")]
    Playlist(#[from] nginx_playlist::Error),
    #[error("the segment cannot be archived: {0}")]
    Archive(#[from] sluice_objects::Error),
}

impl Intake {
    /// Starts the thread that watches `root`, the directory of all sessions' directories.
    pub(super) fn start(
        root: PathBuf,
        archive: Archive,
        recorder: Recorder,
        observer: impl Taken,
    ) -> Result<Self, notify::Error> {
        let (messages, inbox) = mpsc::channel();
        let events = messages.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            for session in event.iter().filter_map(committed) {
                // The receiver is gone only when everything stops.
                let _ = events.send(Message::Committed(session));
            }
        })?;
        let mut worker = Worker {
            root,
            archive,
            recorder,
            observer,
            watcher,
            spools: HashMap::new(),
        };
        let running = Arc::new(AtomicBool::new(true));
        let alive = Arc::clone(&running);
        thread::Builder::new()
            .name("intake".into())
            .spawn(move || {
                worker.run(&inbox);
                alive.store(false, Ordering::Relaxed);
            })
            .map_err(notify::Error::io)?;
        Ok(Self { messages, running })
    }

    /// Watches a session's directory, which exists already, and takes what is in it.
    pub(super) fn watch(&self, watched: Watched) {
        let _ = self.messages.send(Message::Watch(watched));
    }

    /// The session is over: its tail is taken and its directory removed once nginx is done with it.
    pub(super) fn session_over(&self, session: &str) {
        let _ = self.messages.send(Message::Over(session.to_owned()));
    }

    /// A channel is deleted: what is in its sessions' spools is not taken any more, and what was taken is removed.
    pub(super) fn forget(&self, channel: Slug) {
        let _ = self.messages.send(Message::Forget(channel));
    }

    /// Ends the thread.
    pub(super) fn stop(&self) {
        let _ = self.messages.send(Message::Stop);
    }

    /// Whether the thread is there.
    pub(super) fn runs(&self) -> bool {
        self.running.load(Ordering::Relaxed)
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

impl<T: Taken> Worker<T> {
    fn run(&mut self, inbox: &mpsc::Receiver<Message>) {
        loop {
            match inbox.recv_timeout(TICK) {
                Ok(Message::Watch(watched)) => self.watch(watched),
                Ok(Message::Committed(session)) => self.take(&session, Reach::Listed),
                Ok(Message::Over(session)) => self.over(&session),
                Ok(Message::Forget(channel)) => self.forget(&channel),
                Ok(Message::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            self.finish_settled();
        }
    }

    fn watch(&mut self, watched: Watched) {
        let session = watched.session.clone();
        if let Err(error) = self
            .watcher
            .watch(&self.root.join(&session), RecursiveMode::NonRecursive)
        {
            tracing::error!(%error, session, "a session's spool cannot be watched");
        }
        let over_since = watched.over.then(Instant::now);
        self.spools.insert(session.clone(), Spool { watched, over_since });
        self.take(&session, Reach::Listed);
    }

    fn over(&mut self, session: &str) {
        if let Some(spool) = self.spools.get_mut(session) {
            spool.over_since.get_or_insert_with(Instant::now);
        }
    }

    fn forget(&mut self, channel: &Slug) {
        let spools = self
            .spools
            .values()
            .filter(|spool| spool.watched.channel.slug == *channel);
        let sessions: Vec<String> = spools.map(|spool| spool.watched.session.clone()).collect();
        for session in sessions {
            self.let_go(&session);
        }
        if let Err(error) = self.archive.remove_channel(channel.as_str()) {
            tracing::error!(%error, %channel, "a deleted channel's archive stays on disk");
        }
    }

    fn finish_settled(&mut self) {
        let settled = |spool: &Spool| spool.over_since.is_some_and(|since| since.elapsed() >= SETTLED);
        let sessions = self.spools.iter().filter(|(_, spool)| settled(spool));
        let sessions: Vec<String> = sessions.map(|(session, _)| session.clone()).collect();
        for session in sessions {
            self.finish(&session);
        }
    }

    /// Takes the tail of a session and lets its directory go.
    fn finish(&mut self, session: &str) {
        self.take(session, Reach::Tail);
        self.let_go(session);
    }

    fn let_go(&mut self, session: &str) {
        let directory = self.root.join(session);
        // Fails where the directory is gone, and then there is nothing to unwatch.
        let _ = self.watcher.unwatch(&directory);
        self.spools.remove(session);
        self.recorder.discard(directory);
    }

    fn take(&mut self, session: &str, reach: Reach) {
        if let Err(error) = self.try_take(session, reach) {
            tracing::error!(%error, session, "segments wait in the spool");
        }
    }

    fn try_take(&mut self, session: &str, reach: Reach) -> Result<(), Error> {
        let directory = self.root.join(session);
        let Some(next_seq) = self.spools.get(session).map(|spool| spool.watched.next_seq) else {
            return Ok(());
        };
        let listed = read_playlist(&directory.join("index.m3u8"))?;
        let hole = listed.first().is_some_and(|first| first.seq > next_seq);
        let files = if hole || reach == Reach::Tail {
            segment_files(&directory)?
        } else {
            Vec::new()
        };
        let candidates = spool::candidates(&listed, &files, next_seq, reach);
        if !candidates.is_empty() {
            self.finish_predecessors(session);
        }
        for candidate in candidates {
            self.take_one(session, &directory, &candidate)?;
        }
        Ok(())
    }

    /// The tail of a channel's earlier sessions comes before the first segment of a new one.
    fn finish_predecessors(&mut self, session: &str) {
        let Some(channel) = self.spools.get(session).map(|spool| Arc::clone(&spool.watched.channel)) else {
            return;
        };
        let earlier = |spool: &Spool| spool.over_since.is_some() && spool.watched.session.as_str() < session;
        let same = self
            .spools
            .values()
            .filter(|spool| spool.watched.channel.id == channel.id && earlier(spool));
        let mut sessions: Vec<String> = same.map(|spool| spool.watched.session.clone()).collect();
        sessions.sort_unstable();
        for predecessor in sessions {
            self.finish(&predecessor);
        }
    }

    fn take_one(&mut self, session: &str, directory: &Path, candidate: &Candidate) -> Result<(), Error> {
        let Some(spool) = self.spools.get_mut(session) else {
            return Ok(());
        };
        let source = directory.join(&candidate.file);
        let bytes = match fs::metadata(&source) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tracing::error!(
                    session,
                    seq = candidate.seq,
                    "a segment is gone from the spool before it was taken"
                );
                spool.watched.next_seq = candidate.seq + 1;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        spool.watched.next_seq = candidate.seq + 1;
        let Some(spooled) = described(candidate, &source, bytes) else {
            return Ok(());
        };
        let channel = Arc::clone(&spool.watched.channel);
        let incoming = Incoming {
            session,
            spooled: &spooled,
            bytes,
        };
        let kept = channel.append(incoming, |segment| {
            self.archive
                .adopt(&source, channel.slug.as_str(), &segment.name)
                .map(drop)
        });
        let segment = kept.inspect_err(|_| retry_later(spool, candidate.seq))?;
        if let Some(lag) = lag(&directory.join("index.m3u8")) {
            metrics::intake_lag(lag);
        }
        let file = self.archive.path(channel.slug.as_str(), &segment.name)?;
        self.observer.taken(session, &channel, &segment, file);
        self.recorder.record(Record {
            channel_id: channel.id.clone(),
            session: session.to_owned(),
            seq: candidate.seq,
            segment,
            bytes,
            source,
        });
        Ok(())
    }
}

/// The archive did not take it; the next commit tries again from here.
fn retry_later(spool: &mut Spool, seq: u64) {
    spool.watched.next_seq = seq;
}

/// What is known of a segment: from nginx's playlist, or measured. Nothing for a file without a frame.
fn described(candidate: &Candidate, source: &Path, bytes: u64) -> Option<Spooled> {
    if let Some(listed) = &candidate.listed {
        return Some(listed.clone());
    }
    let content = (bytes <= MEASURED_MOST).then(|| fs::read(source).ok())??;
    let span = ts::span(&content).ok()?;
    let duration_us = span.duration_us;
    (duration_us > 0).then(|| Spooled {
        seq: candidate.seq,
        file: candidate.file.clone(),
        opened_at_ms: candidate.opened_at_ms,
        duration_us,
        discontinuity: candidate.seq == 0,
    })
}

fn read_playlist(path: &Path) -> Result<Vec<Spooled>, Error> {
    match fs::read(path) {
        Ok(text) => Ok(nginx_playlist::parse(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn segment_files(directory: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(directory)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| spool::opened_at_ms(name).is_some()).collect())
}

/// How long ago nginx committed.
fn lag(playlist: &Path) -> Option<Duration> {
    let committed = fs::metadata(playlist).and_then(|metadata| metadata.modified()).ok()?;
    let committed = committed.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let now = Duration::from_millis(clock::now().0.unsigned_abs());
    Some(now.saturating_sub(committed))
}
