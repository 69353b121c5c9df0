//! Taking the segments of a session: which, in which order, into the archive and onto the timeline.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use sluice_hls::nginx_playlist::Spooled;

use super::{
    aside::Copy,
    lead,
    segment::{self, Error, lag, read_playlist, segment_files, size},
    worker::{Spool, Worker},
};
use crate::{
    live::{
        recorder::Record,
        spool::{self, Candidate, Reach},
        timeline::Incoming,
    },
    ops::metrics,
};

/// How far segments were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// All of them were.
    All,
    /// Something takes longer, and is done aside: a message will come.
    Waits,
}

/// Why the archive has not got a segment.
enum Unkept {
    /// It would have to be copied, under this name.
    Apart(String),
    Refused(sluice_objects::Error),
}

impl Worker {
    /// Takes the tail of a session, and lets its directory go only when all of it is taken.
    pub(super) fn finish(&mut self, session: &str) -> Result<Reached, Error> {
        if self.take(session, Reach::Tail)? == Reached::Waits {
            return Ok(Reached::Waits);
        }
        let over = self.spools.get(session).and_then(|spool| spool.over.as_ref());
        if over.is_some_and(|over| over.closes_show)
            && let Some(spool) = self.spools.get(session)
        {
            spool.watched.channel.end_show_of(session);
        }
        self.let_go(session);
        Ok(Reached::All)
    }

    /// Takes what it can, and remembers why it could not.
    pub(super) fn take(&mut self, session: &str, reach: Reach) -> Result<Reached, Error> {
        let taken = self.take_all(session, reach);
        if let Some(spool) = self.spools.get_mut(session) {
            match &taken {
                Ok(Reached::All) => spool.refused = None,
                // What was refused may be under way at last.
                Ok(Reached::Waits) => {}
                Err(error) => spool.refused = Some(error.to_string()),
            }
        }
        taken
    }

    fn take_all(&mut self, session: &str, reach: Reach) -> Result<Reached, Error> {
        let directory = self.root.join(session);
        let Some(spool) = self.spools.get_mut(session) else {
            return Ok(Reached::All);
        };
        if let Some(error) = spool.trouble.take() {
            return Err(error);
        }
        let next_seq = spool.watched.next_seq;
        if self.aside.is_at_work(session) {
            return Ok(Reached::Waits);
        }
        let listed = read_playlist(&directory.join("index.m3u8"))?;
        if let Some(spool) = self.spools.get_mut(session) {
            spool.listed_until_ms = listed.last().map(|newest| newest.opened_at_ms);
        }
        let hole = listed.first().is_some_and(|first| first.seq > next_seq);
        let all = hole || reach == Reach::Tail;
        let files = if all { segment_files(&directory)? } else { Vec::new() };
        let candidates = spool::candidates(&listed, &files, next_seq, reach);
        if !candidates.is_empty() && self.finish_predecessors(session)? == Reached::Waits {
            return Ok(Reached::Waits);
        }
        for candidate in candidates {
            if self.take_one(session, &directory, &candidate)? == Reached::Waits {
                return Ok(Reached::Waits);
            }
        }
        Ok(Reached::All)
    }

    /// The tail of a channel's earlier sessions comes before the first segment of a new one. What cannot be taken
    /// before it cannot be taken any more, and stays where it is for an operator to find; but where there is no room for
    /// it, there is none for what follows either, and all of it waits.
    pub(super) fn finish_predecessors(&mut self, session: &str) -> Result<Reached, Error> {
        let Some(channel) = self.spools.get(session).map(|spool| spool.watched.channel.id.clone()) else {
            return Ok(Reached::All);
        };
        let earlier = |spool: &Spool| spool.over.is_some() && spool.watched.session.as_str() < session;
        let mut sessions = self.sessions(|spool| spool.watched.channel.id == channel && earlier(spool));
        sessions.sort_unstable();
        for predecessor in sessions {
            match self.finish(&predecessor) {
                Ok(Reached::All) => {}
                Ok(Reached::Waits) => return Ok(Reached::Waits),
                Err(error) if error.is_no_room() => return Err(error),
                Err(error) => {
                    let directory = self.stop_watching(&predecessor);
                    let directory = directory.display();
                    tracing::error!(%error, %directory, "the end of a session is left in the spool");
                }
            }
        }
        Ok(Reached::All)
    }

    fn take_one(&mut self, session: &str, directory: &Path, candidate: &Candidate) -> Result<Reached, Error> {
        let Some(spool) = self.spools.get_mut(session) else {
            return Ok(Reached::All);
        };
        let source = directory.join(&candidate.file);
        let Some(bytes) = size(&source)? else {
            let seq = candidate.seq;
            tracing::error!(session, seq, "a segment is gone from the spool before it was taken");
            spool.skip(candidate);
            return Ok(Reached::All);
        };
        let measured = spool.measured.as_ref().filter(|measured| measured.file == source);
        let described = match (segment::listed(candidate), measured) {
            (Some(listed), _) => Some(listed),
            (None, Some(measured)) => segment::described(candidate, measured.duration_us),
            (None, None) => {
                self.aside.measure(session, source);
                return Ok(Reached::Waits);
            }
        };
        let Some(spooled) = described else {
            spool.skip(candidate);
            return Ok(Reached::All);
        };
        if candidate.seq == 0 {
            lead::blank(&File::options().read(true).write(true).open(&source)?)?;
        }
        self.keep(session, spooled, bytes, source)
    }

    /// Archives a segment and puts it on its channel's timeline.
    fn keep(&mut self, session: &str, mut spooled: Spooled, bytes: u64, source: PathBuf) -> Result<Reached, Error> {
        let Some(spool) = self.spools.get_mut(session) else {
            return Ok(Reached::All);
        };
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
            match self.archive.link(&source, slug, &segment.name) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err(Unkept::Apart(segment.name.clone())),
                Err(error) => Err(Unkept::Refused(error)),
            }
        });
        let placed = match placed {
            Ok(placed) => placed,
            Err(Unkept::Refused(error)) => return Err(error.into()),
            Err(Unkept::Apart(name)) => {
                let slug = slug.to_owned();
                self.aside.copy(session, &self.archive, Copy { source, slug, name });
                return Ok(Reached::Waits);
            }
        };
        spool.watched.next_seq = spooled.seq + 1;
        if let Some(tail) = &mut spool.tail {
            tail.closed(spooled.duration_us);
        }
        if let Some(lag) = lag(&source.with_file_name("index.m3u8")) {
            metrics::intake_lag(lag);
        }
        let file = self.archive.path(slug, &placed.segment.name)?;
        self.observer.taken(session, &channel, &placed.segment, file);
        self.recorder.record(Record {
            channel_id: channel.id.clone(),
            session: session.to_owned(),
            seq: spooled.seq,
            placed,
            bytes,
            source,
        });
        Ok(Reached::All)
    }
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
