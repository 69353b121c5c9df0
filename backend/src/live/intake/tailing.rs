//! Which sessions' open segments are read, and for how long: those of channels that somebody watches.

use std::{collections::HashMap, fs::File, io, path::Path, sync::Arc, time::Duration};

use sluice_domain::{Millis, Slug};
use sluice_hls::{
    nginx_playlist::{Spooled, opened_at_ms},
    parts::{Cutter, part_target_us},
};

use super::{
    segment::{head, segment_files},
    tail::{Before, Tail},
    taking::Reached,
    worker::{Spool, Worker},
};
use crate::live::{channel::Channel, shelf::Cut, timeline::Opening};

/// How long an earlier session of the channel may hold up the parts of a new one: nginx closes the last segment
/// within milliseconds of the encoder's end.
const PREDECESSOR: Duration = Duration::from_secs(1);
/// Read at a time; a part of 6 Mb/s has 250 KB.
const BUFFER: usize = 64 << 10;

/// The channels whose open segments are cut into parts.
pub(super) struct Tailing {
    grid_us: u64,
    channels: HashMap<String, Arc<Channel>>,
    buffer: Vec<u8>,
}

impl Tailing {
    /// Parts of about `grid_us` microseconds.
    pub(super) fn new(grid_us: u64) -> Self {
        Self {
            grid_us,
            channels: HashMap::new(),
            buffer: vec![0; BUFFER],
        }
    }

    /// The last parts of a segment that nginx has closed; nothing where they cannot be had. Says in `spooled` whether
    /// it is discontinuous in the words in which it was listed while it was open.
    pub(super) fn finish<'a>(&mut self, tail: &'a mut Tail, source: &Path, spooled: &mut Spooled) -> Option<&'a [Cut]> {
        match self.read_to_end(tail, source, spooled) {
            Ok(()) => {
                spooled.discontinuity = tail.is_discontinuous().unwrap_or(spooled.discontinuity);
                Some(tail.ready())
            }
            Err(error) => {
                tracing::warn!(%error, file = %source.display(), "a segment is not cut into parts");
                None
            }
        }
    }

    /// A channel is deleted.
    pub(super) fn forget(&mut self, channel: &Slug) {
        self.channels.retain(|_, tailed| tailed.slug != *channel);
    }

    fn read_to_end(&mut self, tail: &mut Tail, source: &Path, spooled: &Spooled) -> io::Result<()> {
        if !tail.reads(&spooled.file) {
            tail.open(source, spooled.opened_at_ms, spooled.seq == 0)?;
        }
        tail.finish(spooled.duration_us, &mut self.buffer)
    }

    fn is_on(&self, channel: &Channel) -> bool {
        self.channels.contains_key(&channel.id)
    }
}

impl Worker {
    /// Cuts the open segment of a channel from now on. A channel without a session is left as it is.
    pub(super) fn tail(&mut self, channel: &Arc<Channel>) {
        let sessions = self.sessions(|spool| spool.watched.channel.id == channel.id);
        if sessions.is_empty() {
            return channel.tail_failed();
        }
        channel.tail(part_target_us(self.tailing.grid_us));
        self.tailing.channels.insert(channel.id.clone(), Arc::clone(channel));
        for session in sessions {
            // Also looks for segments that were closed at this moment.
            self.committed(&session);
        }
        channel.tail_is_there();
    }

    /// Whether any segment is being read.
    pub(super) fn is_tailing(&self) -> bool {
        !self.tailing.channels.is_empty()
    }

    /// Reads on in every open segment that is cut, and begins with those that nginx has opened since.
    pub(super) fn read_on(&mut self) {
        for session in self.sessions(|spool| spool.tail.as_ref().is_some_and(|tail| !tail.is_reading())) {
            self.open_next(&session);
        }
        for (session, spool) in &mut self.spools {
            spool.read_on(session, &mut self.tailing.buffer);
        }
    }

    /// Stops where nobody watches any more.
    pub(super) fn stop_unwatched_tails(&mut self, now: Millis) {
        let is_over = |channel: &Channel| !self.spools.values().any(|spool| spool.watched.channel.id == channel.id);
        let stopped: Vec<Arc<Channel>> = self
            .tailing
            .channels
            .values()
            .filter(|channel| !channel.viewers.any(now) || channel.bodies().edge.ended && is_over(channel))
            .cloned()
            .collect();
        for channel in stopped {
            self.tailing.channels.remove(&channel.id);
            for spool in self
                .spools
                .values_mut()
                .filter(|spool| spool.watched.channel.id == channel.id)
            {
                spool.tail = None;
            }
            channel.untail();
        }
    }

    /// After a commit: the segment that comes next is read, on a channel that is watched.
    pub(super) fn tail_next(&mut self, session: &str) {
        let Some(spool) = self.spools.get_mut(session) else {
            return;
        };
        if spool.tail.is_none() && spool.over.is_none() && self.tailing.is_on(&spool.watched.channel) {
            let before = self.newest(session).unwrap_or_default();
            if let Some(spool) = self.spools.get_mut(session) {
                spool.tail = Some(Tail::new(self.tailing.grid_us, before));
            }
        }
        self.open_next(session);
        if let Some(spool) = self.spools.get_mut(session) {
            spool.read_on(session, &mut self.tailing.buffer);
        }
    }

    /// The newest closed segment of a session.
    fn newest(&self, session: &str) -> Option<Before> {
        let channel = &self.spools.get(session)?.watched.channel;
        let newest = channel.newest_of(session)?;
        let file = self.archive.path(channel.slug.as_str(), &newest.name).ok()?;
        Some(Before::of(first_dts(&file).ok().flatten(), newest.duration_us))
    }

    /// Begins with the file that nginx is writing, if there is one and it is its turn.
    fn open_next(&mut self, session: &str) {
        let waits = |spool: &Spool| !spool.is_behind && spool.tail.as_ref().is_some_and(|tail| !tail.is_reading());
        if self.spools.get(session).is_some_and(waits) && !self.waits_for_predecessor(session) {
            let directory = self.root.join(session);
            if let Some(spool) = self.spools.get_mut(session) {
                spool
                    .open_next(&directory)
                    .unwrap_or_else(|error| spool.stop_tail(session, &error));
            }
        }
    }

    /// Whether an earlier session of the channel may still bring a segment, which comes before anything of this one.
    fn waits_for_predecessor(&mut self, session: &str) -> bool {
        let Some(channel) = self.spools.get(session).map(|spool| &spool.watched.channel.id) else {
            return false;
        };
        let is_earlier =
            |spool: &&Spool| spool.watched.channel.id == *channel && spool.watched.session.as_str() < session;
        let mut earlier = self.spools.values().filter(is_earlier).peekable();
        if earlier.peek().is_none() {
            return false;
        }
        let is_settled = |spool: &Spool| {
            spool
                .over
                .as_ref()
                .is_some_and(|over| over.since.elapsed() >= PREDECESSOR)
        };
        if !earlier.all(is_settled) {
            return true;
        }
        !matches!(self.finish_predecessors(session), Ok(Reached::All))
    }
}

impl Spool {
    /// Begins with the oldest file that nginx's playlist does not list.
    fn open_next(&mut self, directory: &Path) -> io::Result<()> {
        let unlisted = segment_files(directory)?
            .into_iter()
            .filter_map(|file| Some((opened_at_ms(&file)?, file)))
            .filter(|(opened, _)| self.listed_until_ms.is_none_or(|listed| *opened > listed));
        if let (Some((opened_at_ms, file)), Some(tail)) = (unlisted.min(), &mut self.tail) {
            tail.open(&directory.join(file), opened_at_ms, self.watched.next_seq == 0)?;
        }
        Ok(())
    }

    /// Reads what was written since the last time, and lists the parts that have become whole. Where nobody knows whether
    /// they continue what was before, they wait for nginx to say so when it closes the segment.
    fn read_on(&mut self, session: &str, buffer: &mut [u8]) {
        let Some(tail) = &mut self.tail else { return };
        if let Err(error) = tail.read_on(buffer) {
            return self.stop_tail(session, &error);
        }
        if let Some(opened_at_ms) = tail.opened_at_ms()
            && let Some(discontinuity) = tail.is_discontinuous()
            && !tail.ready().is_empty()
        {
            let opening = Opening {
                session,
                opened_at_ms,
                discontinuity,
            };
            self.watched.channel.add_parts(opening, tail.ready());
            tail.handed_on();
        }
    }

    /// Leaves it at that until the next commit.
    fn stop_tail(&mut self, session: &str, error: &io::Error) {
        tracing::warn!(%error, session, "an open segment is not cut into parts");
        self.tail = None;
    }
}

/// The first timestamp of a segment.
fn first_dts(file: &Path) -> io::Result<Option<i64>> {
    let mut cutter = Cutter::new(1_000_000, None);
    cutter.push(&head(&File::open(file)?)?);
    Ok(cutter.first_dts())
}
