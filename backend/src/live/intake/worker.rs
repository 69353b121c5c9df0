//! What the intake does with the spools of sessions.

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use sluice_domain::Slug;
use sluice_objects::Archive;

use super::{
    Setup, Taken, Watched,
    events::{Inbox, Spools},
    lead,
    segment::{Error, described, lag, read_playlist, segment_files, size},
    tail::Tail,
    tailing::Tailing,
};
use crate::{
    live::{
        recorder::{Record, Recorder},
        spool::{self, Candidate, Reach},
        timeline::Incoming,
    },
    ops::metrics,
};

/// nginx closes the last segment within milliseconds of the encoder's end; what is not there by now never comes.
const SETTLED: Duration = Duration::from_secs(3);

pub(super) struct Worker {
    pub(super) root: PathBuf,
    pub(super) archive: Archive,
    recorder: Recorder,
    observer: Box<dyn Taken>,
    watcher: Spools,
    pub(super) spools: HashMap<String, Spool>,
    pub(super) tailing: Tailing,
}

pub(super) struct Spool {
    pub(super) watched: Watched,
    pub(super) over: Option<Over>,
    /// The system tells of this directory's events.
    told_of: bool,
    /// When nginx opened the newest segment that its playlist lists, in milliseconds since the epoch.
    pub(super) listed_until_ms: Option<i64>,
    /// Segments that nginx has closed could not be taken: what it writes next has not their numbers.
    pub(super) is_behind: bool,
    /// Reads the open segment, while somebody watches.
    pub(super) tail: Option<Tail>,
}

pub(super) struct Over {
    pub(super) since: Instant,
    closes_show: bool,
}

impl Spool {
    /// A file that is no segment, or none any more, is left where it is.
    fn skip(&mut self, candidate: &Candidate) {
        self.watched.next_seq = candidate.seq + 1;
        if let Some(tail) = &mut self.tail {
            tail.skipped();
        }
    }
}

impl Worker {
    pub(super) fn new(setup: Setup) -> io::Result<Self> {
        Ok(Self {
            root: setup.root,
            archive: setup.archive,
            recorder: setup.recorder,
            observer: setup.observer,
            watcher: Spools::new()?,
            spools: HashMap::new(),
            tailing: Tailing::new(setup.grid_us),
        })
    }

    /// Sleeps until there is something to do, and takes what nginx has committed.
    pub(super) fn wait<T>(&mut self, inbox: &Inbox<T>, most: Duration) {
        match self.watcher.wait(inbox, most) {
            Ok(committed) => committed.iter().for_each(|session| self.committed(session)),
            Err(error) => {
                tracing::error!(%error, "the system tells of no segments");
                // Without a sleep the thread would spin.
                thread::sleep(most);
            }
        }
    }

    pub(super) fn watch(&mut self, watched: Watched) {
        let session = watched.session.clone();
        let directory = self.root.join(&session);
        let heard = self.watcher.watch(&session, &directory);
        if let Err(error) = &heard {
            tracing::error!(%error, session, "the system does not tell of a session's spool; it is looked at instead");
        }
        let over = watched.over.then(|| Over {
            since: Instant::now(),
            closes_show: false,
        });
        let spool = Spool {
            watched,
            over,
            told_of: heard.is_ok(),
            listed_until_ms: None,
            is_behind: false,
            tail: None,
        };
        self.spools.insert(session.clone(), spool);
        self.committed(&session);
    }

    pub(super) fn committed(&mut self, session: &str) {
        let taken = self.take(session, Reach::Listed);
        if let Err(error) = &taken {
            tracing::error!(%error, session, "segments wait in the spool");
        }
        if let Some(spool) = self.spools.get_mut(session) {
            spool.is_behind = taken.is_err();
        }
        self.tail_next(session);
    }

    pub(super) fn over(&mut self, session: &str, closes_show: bool) {
        if let Some(spool) = self.spools.get_mut(session) {
            let since = Instant::now();
            spool.over.get_or_insert(Over { since, closes_show });
        }
    }

    pub(super) fn forget(&mut self, channel: &Slug) {
        for session in self.sessions(|spool| spool.watched.channel.slug == *channel) {
            self.let_go(&session);
        }
        self.tailing.forget(channel);
        if let Err(error) = self.archive.remove_channel(channel.as_str()) {
            tracing::error!(%error, %channel, "a deleted channel's archive stays on disk");
        }
    }

    pub(super) fn look_at_unwatched(&mut self) {
        for session in self.sessions(|spool| !spool.told_of) {
            self.committed(&session);
        }
    }

    /// How many spools the system does not tell of.
    pub(super) fn unwatched(&self) -> usize {
        self.spools.values().filter(|spool| !spool.told_of).count()
    }

    pub(super) fn finish_settled(&mut self) {
        let settled = |spool: &Spool| spool.over.as_ref().is_some_and(|over| over.since.elapsed() >= SETTLED);
        for session in self.sessions(settled) {
            if let Err(error) = self.finish(&session) {
                tracing::error!(%error, session, "the end of a session waits in the spool");
                if let Some(over) = self.spools.get_mut(&session).and_then(|spool| spool.over.as_mut()) {
                    over.since = Instant::now();
                }
            }
        }
    }

    /// Takes the tail of a session, and lets its directory go only when all of it is taken.
    fn finish(&mut self, session: &str) -> Result<(), Error> {
        self.take(session, Reach::Tail)?;
        let over = self.spools.get(session).and_then(|spool| spool.over.as_ref());
        if over.is_some_and(|over| over.closes_show)
            && let Some(spool) = self.spools.get(session)
        {
            spool.watched.channel.end_show_of(session);
        }
        self.let_go(session);
        Ok(())
    }

    fn let_go(&mut self, session: &str) {
        let directory = self.stop_watching(session);
        self.recorder.discard(directory);
    }

    fn stop_watching(&mut self, session: &str) -> PathBuf {
        let directory = self.root.join(session);
        self.watcher.unwatch(session);
        self.spools.remove(session);
        directory
    }

    fn take(&mut self, session: &str, reach: Reach) -> Result<(), Error> {
        let directory = self.root.join(session);
        let Some(next_seq) = self.spools.get(session).map(|spool| spool.watched.next_seq) else {
            return Ok(());
        };
        let listed = read_playlist(&directory.join("index.m3u8"))?;
        if let Some(spool) = self.spools.get_mut(session) {
            spool.listed_until_ms = listed.last().map(|newest| newest.opened_at_ms);
        }
        let hole = listed.first().is_some_and(|first| first.seq > next_seq);
        let all = hole || reach == Reach::Tail;
        let files = if all { segment_files(&directory)? } else { Vec::new() };
        let candidates = spool::candidates(&listed, &files, next_seq, reach);
        if !candidates.is_empty() {
            self.finish_predecessors(session);
        }
        for candidate in candidates {
            self.take_one(session, &directory, &candidate)?;
        }
        Ok(())
    }

    /// The tail of a channel's earlier sessions comes before the first segment of a new one. What cannot be taken
    /// before it cannot be taken any more, and stays where it is for an operator to find.
    pub(super) fn finish_predecessors(&mut self, session: &str) {
        let Some(channel) = self.spools.get(session).map(|spool| spool.watched.channel.id.clone()) else {
            return;
        };
        let earlier = |spool: &Spool| spool.over.is_some() && spool.watched.session.as_str() < session;
        let mut sessions = self.sessions(|spool| spool.watched.channel.id == channel && earlier(spool));
        sessions.sort_unstable();
        for predecessor in sessions {
            if let Err(error) = self.finish(&predecessor) {
                let directory = self.stop_watching(&predecessor);
                tracing::error!(%error, directory = %directory.display(), "the end of a session is left in the spool");
            }
        }
    }

    fn take_one(&mut self, session: &str, directory: &Path, candidate: &Candidate) -> Result<(), Error> {
        let Some(spool) = self.spools.get_mut(session) else {
            return Ok(());
        };
        let source = directory.join(&candidate.file);
        let Some(bytes) = size(&source)? else {
            let seq = candidate.seq;
            tracing::error!(session, seq, "a segment is gone from the spool before it was taken");
            spool.skip(candidate);
            return Ok(());
        };
        let Some(mut spooled) = described(candidate, &source, bytes)? else {
            spool.skip(candidate);
            return Ok(());
        };
        if candidate.seq == 0 {
            lead::blank(&File::options().read(true).write(true).open(&source)?)?;
        }
        let channel = Arc::clone(&spool.watched.channel);
        let rest = match &mut spool.tail {
            Some(tail) => self.tailing.finish(tail, &source, &mut spooled),
            None => None,
        };
        let slug = channel.slug.as_str();
        let incoming = Incoming {
            session,
            spooled: &spooled,
            bytes,
        };
        let placed = channel.append(incoming, rest, |segment| {
            self.archive.adopt(&source, slug, &segment.name).map(drop)
        })?;
        spool.watched.next_seq = candidate.seq + 1;
        if let Some(tail) = &mut spool.tail {
            tail.closed(spooled.duration_us);
        }
        if let Some(lag) = lag(&directory.join("index.m3u8")) {
            metrics::intake_lag(lag);
        }
        let file = self.archive.path(slug, &placed.segment.name)?;
        self.observer.taken(session, &channel, &placed.segment, file);
        self.recorder.record(Record {
            channel_id: channel.id.clone(),
            session: session.to_owned(),
            seq: candidate.seq,
            placed,
            bytes,
            source,
        });
        Ok(())
    }

    pub(super) fn sessions(&self, which: impl Fn(&Spool) -> bool) -> Vec<String> {
        let chosen = self.spools.iter().filter(|(_, spool)| which(spool));
        chosen.map(|(session, _)| session.clone()).collect()
    }
}
