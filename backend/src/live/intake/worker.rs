//! What the intake does with the spools of sessions.

use std::{
    collections::HashMap,
    fs, io,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use sluice_domain::Slug;
use sluice_objects::Archive;

use super::{
    Message, Setup, Taken, Watched,
    aside::{Aside, Done, Product},
    events::{self, Inbox, Spools},
    segment::{Error, Measured},
    tail::Tail,
    tailing::Tailing,
    taking::Reached,
};
use crate::live::{recorder::Recorder, spool::Reach};

/// nginx closes the last segment within milliseconds of the encoder's end; what is not there by now never comes.
const SETTLED: Duration = Duration::from_secs(3);

pub(super) struct Worker {
    pub(super) root: PathBuf,
    pub(super) archive: Archive,
    pub(super) recorder: Recorder,
    pub(super) observer: Box<dyn Taken>,
    watcher: Spools,
    pub(super) aside: Aside,
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
    /// The segment that was measured last.
    pub(super) measured: Option<Measured>,
    /// What was done for it aside has failed.
    pub(super) trouble: Option<Error>,
    /// Why what nginx has closed is not in the archive.
    pub(super) refused: Option<String>,
}

pub(super) struct Over {
    pub(super) since: Instant,
    pub(super) closes_show: bool,
}

impl Worker {
    pub(super) fn new(setup: Setup, messages: &events::Sender<Message>) -> io::Result<Self> {
        let aside = Aside::start(messages)?;
        // What a process before this one had no time to remove.
        aside.remove(setup.archive.aside());
        Ok(Self {
            aside,
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
            measured: None,
            trouble: None,
            refused: None,
        };
        self.spools.insert(session.clone(), spool);
        self.committed(&session);
    }

    pub(super) fn committed(&mut self, session: &str) {
        let before = self.spools.get(session).and_then(|spool| spool.refused.clone());
        let taken = self.take(session, Reach::Listed);
        // Once: it is tried again twice a second, perhaps for hours, and the log may be on the same full disk.
        if let Err(error) = taken.as_ref()
            && before.is_none_or(|before| before != error.to_string())
        {
            tracing::error!(%error, session, "segments wait in the spool");
        }
        if let Some(spool) = self.spools.get_mut(session) {
            spool.is_behind = !matches!(taken, Ok(Reached::All));
        }
        self.tail_next(session);
    }

    /// Takes what was refused, as soon as there is room for it: nobody tells of that.
    pub(super) fn take_refused(&mut self) {
        for session in self.sessions(|spool| spool.refused.is_some()) {
            let Ok(reached) = self.take(&session, Reach::Listed) else {
                continue;
            };
            if let Some(spool) = self.spools.get_mut(&session) {
                spool.is_behind = reached != Reached::All;
            }
            self.tail_next(&session);
        }
    }

    /// Why segments wait in the spool, where they do.
    pub(super) fn problem(&self) -> Option<String> {
        self.spools.values().find_map(|spool| spool.refused.clone())
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
        match self.archive.set_aside(channel.as_str()) {
            Ok(removed) => removed.into_iter().for_each(|directory| self.aside.remove(directory)),
            Err(error) => tracing::error!(%error, %channel, "a deleted channel's archive stays on disk"),
        }
    }

    /// Something was done aside: the segments that waited for it, and those behind them, go on.
    pub(super) fn done(&mut self, Done { session, result }: Done) {
        self.aside.is_done(&session);
        let Some(spool) = self.spools.get_mut(&session) else {
            // Its channel was deleted meanwhile.
            if let Ok(Product::Copied(file)) = result {
                let _ = fs::remove_file(file);
            }
            return;
        };
        let has_failed = result.is_err();
        match result {
            Ok(Product::Measured(measured)) => spool.measured = Some(measured),
            Ok(Product::Copied(_)) => {}
            Err(error) => spool.trouble = Some(error),
        }
        let channel = spool.watched.channel.id.clone();
        // The newest first: it does not wait again for an earlier one that cannot be had.
        let mut sessions =
            self.sessions(|spool| spool.watched.channel.id == channel && !(has_failed && spool.over.is_some()));
        sessions.sort_unstable_by(|one, other| other.cmp(one));
        sessions.iter().for_each(|session| self.committed(session));
        self.finish_settled();
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

    pub(super) fn let_go(&mut self, session: &str) {
        let directory = self.stop_watching(session);
        self.recorder.discard(directory);
    }

    pub(super) fn stop_watching(&mut self, session: &str) -> PathBuf {
        let directory = self.root.join(session);
        self.watcher.unwatch(session);
        self.spools.remove(session);
        directory
    }

    pub(super) fn sessions(&self, which: impl Fn(&Spool) -> bool) -> Vec<String> {
        let chosen = self.spools.iter().filter(|(_, spool)| which(spool));
        chosen.map(|(session, _)| session.clone()).collect()
    }
}
