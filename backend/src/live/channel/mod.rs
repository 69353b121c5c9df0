//! A channel as the live side holds it: its timeline, its playlists as bytes, its viewers. Its parts are in [`parts`].

mod parts;

use std::{
    iter,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sluice_domain::{Millis, Rewind, Slug};
use sluice_hls::{
    multivariant::{self, Rendition},
    timeline::Segment,
};
use tokio::sync::watch;

use super::{
    bodies::{Bodies, Body, LiveBody},
    dvr::Dvr,
    news::News,
    shelf::{Cut, Shelf},
    timeline::{Incoming, Placed, Rates, Timeline},
    viewers::Viewers,
};
use crate::{clock, shutdown::Shutdown};

pub(super) use self::parts::Asked;

/// For how many target durations parts can be fetched that are not listed any more (rfc8216bis 6.2.2).
const FETCHED_TARGETS: i64 = 3;

/// One channel, shared by whoever serves it.
pub struct Channel {
    /// The channel's id.
    pub id: String,
    /// Its public name.
    pub slug: Slug,
    /// The players that watch it.
    pub viewers: Viewers,
    rewind: Mutex<Rewind>,
    /// What it can be rewound to.
    pub dvr: Dvr,
    timeline: Mutex<Timeline>,
    picture: Mutex<Picture>,
    is_probed: AtomicBool,
    bodies: News<Arc<Bodies>>,
    shelf: Mutex<Shelf>,
    /// Who asks the intake to cut the open segment into parts.
    tail_turn: parts::Turn,
    /// It does.
    is_tailed: watch::Sender<bool>,
}

/// What the multivariant playlist says of the stream beside its bitrate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// There is a picture.
    pub video: bool,
    /// There is sound.
    pub audio: bool,
    /// RFC 6381 names, comma between them.
    pub codecs: Option<String>,
    /// Width and height in pixels.
    pub resolution: Option<(u32, u32)>,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: Option<u32>,
}

impl Channel {
    /// A channel with what the index knows of it. `awaited`: an encoder is live on it, or may still come back.
    pub fn new(id: String, slug: Slug, dvr: Dvr, mut timeline: Timeline, awaited: bool) -> Self {
        if !awaited {
            timeline.end_show();
        }
        let channel = Self {
            id,
            slug,
            viewers: Viewers::default(),
            rewind: Mutex::default(),
            dvr,
            timeline: Mutex::new(timeline),
            picture: Mutex::default(),
            is_probed: AtomicBool::new(false),
            bodies: News::default(),
            shelf: Mutex::new(Shelf::new(clock::now())),
            tail_turn: parts::Turn::default(),
            is_tailed: watch::Sender::default(),
        };
        channel.rebuild(&mut channel.timeline());
        channel
    }

    /// The playlists as they stand.
    pub fn bodies(&self) -> Arc<Bodies> {
        self.bodies.newest()
    }

    /// The news of each change of the playlists from now on. It ends with the channel, or the process.
    pub fn listen(&self, shutdown: &Shutdown) -> watch::Receiver<Arc<Bodies>> {
        self.bodies.listen(shutdown)
    }

    /// How many wait for news.
    pub fn waiting(&self) -> usize {
        self.bodies.waiting()
    }

    /// Who may rewind it, and how far.
    pub fn rewind(&self) -> Rewind {
        *self.rewind.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says who may rewind it, and how far.
    pub(super) fn set_rewind(&self, rewind: Rewind) {
        self.dvr.set_policy(rewind);
        *self.rewind.lock().unwrap_or_else(PoisonError::into_inner) = rewind;
    }

    /// Gives a segment its place and its name without showing it to anyone. `keep` moves its file; when that fails,
    /// nothing has happened. `rest` are its last parts, where it is cut into parts.
    pub(super) fn append<E>(
        &self,
        incoming: Incoming<'_>,
        rest: Option<&[Cut]>,
        keep: impl FnOnce(&Segment) -> Result<(), E>,
    ) -> Result<Placed, E> {
        let mut timeline = self.timeline();
        keep(&timeline.place(incoming).segment)?;
        if let Some(rest) = rest {
            timeline.add_parts(incoming.opening(), self.shelve(rest));
        }
        let placed = timeline.append(incoming, rest.is_some());
        self.rebuild(&mut timeline);
        self.dvr.added(&placed.segment, clock::now());
        Ok(placed)
    }

    /// Closes the playlist of a show that ended longer ago than `gap`.
    pub fn end_show_if_silent(&self, now: Millis, gap: Millis) {
        let mut timeline = self.timeline();
        let is_silent = timeline.end_ms().is_some_and(|end_ms| now.since(Millis(end_ms)) > gap);
        if is_silent {
            self.close(&mut timeline);
        }
    }

    /// Closes the playlist of the show that a session has ended, unless another session went on with it.
    pub fn end_show_of(&self, session: &str) {
        let mut timeline = self.timeline();
        if timeline.newest_session() == Some(session) {
            self.close(&mut timeline);
        }
    }

    /// Closes the playlist of a channel that is deleted: nothing more is to be waited for.
    pub fn end_show(&self) {
        self.dvr.close();
        self.close(&mut self.timeline());
    }

    /// Whether a later session than this one has brought segments; ids grow with time.
    pub fn is_past(&self, session: &str) -> bool {
        self.timeline().newest_session().is_some_and(|newest| newest > session)
    }

    /// The newest segment, if this session has brought it.
    pub(super) fn newest_of(&self, session: &str) -> Option<Segment> {
        let timeline = self.timeline();
        timeline
            .newest()
            .filter(|_| timeline.newest_session() == Some(session))
            .cloned()
    }

    /// Lists nothing of a show that was over before `moment`: its segments are gone.
    pub fn forget_before(&self, moment: Millis) {
        let mut timeline = self.timeline();
        let is_past = timeline.end_ms().is_some_and(|end_ms| Millis(end_ms) < moment);
        if is_past && timeline.ended() && !timeline.is_empty() {
            timeline.clear();
            self.rebuild(&mut timeline);
        }
    }

    /// The show that the live playlist lists goes on.
    pub fn is_showing(&self) -> bool {
        let bodies = self.bodies();
        bodies.live.is_some() && !bodies.edge.ended
    }

    /// The number of the newest segment; none where there never was one.
    pub fn newest_msn(&self) -> Option<u64> {
        self.bodies().edge.next_msn.checked_sub(1).filter(|msn| *msn > 0)
    }

    /// Lists nothing any more of a show that is over and was deleted: the segments of these numbers.
    pub fn withdraw(&self, msns: RangeInclusive<u64>) {
        self.dvr
            .withdraw(iter::once(*msns.start()..msns.end().saturating_add(1)), clock::now());
        let mut timeline = self.timeline();
        let newest = timeline.newest().map(|segment| segment.msn);
        if timeline.ended() && newest.is_some_and(|newest| msns.contains(&newest)) {
            timeline.clear();
            self.rebuild(&mut timeline);
        }
    }

    /// Where the newest segment ends, in milliseconds since the epoch.
    pub(super) fn end_ms(&self) -> Option<i64> {
        self.timeline().end_ms()
    }

    /// What it can be rewound to is about to be read from the database, which the newest segments may not have reached.
    pub(super) fn begin_rewind(&self) {
        let timeline = self.timeline();
        self.dvr.begin(timeline.held().cloned().collect());
    }

    /// Takes the turn to find out what the stream is made of; false while somebody else has it.
    pub fn begin_probe(&self) -> bool {
        !self.is_probed.swap(true, Ordering::Relaxed)
    }

    /// Gives the turn back.
    pub fn end_probe(&self) {
        self.is_probed.store(false, Ordering::Relaxed);
    }

    /// Whether it is known what the stream is made of.
    pub fn is_described(&self) -> bool {
        *self.picture() != Picture::default()
    }

    /// Whether it is known that there is a picture and sound, as far as a segment has them.
    pub fn is_described_with(&self, video: bool, audio: bool) -> bool {
        let known = self.picture();
        (known.video || !video) && (known.audio || !audio)
    }

    /// Says what the stream is made of.
    pub fn set_picture(&self, picture: Picture) {
        *self.picture() = picture;
        self.rebuild(&mut self.timeline());
    }

    fn close(&self, timeline: &mut Timeline) {
        if !timeline.is_empty() && !timeline.ended() {
            timeline.end_show();
            self.rebuild(timeline);
            self.dvr.ended(clock::now());
            tracing::info!(channel = %self.slug, "a show is over");
        }
    }

    fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn picture(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rebuild(&self, timeline: &mut Timeline) {
        let index = (!timeline.is_empty()).then(|| self.index(timeline.rates()));
        self.publish(timeline, index.map(Body::of).map(Arc::new));
    }

    /// Only `live.m3u8` has changed.
    fn rebuild_live(&self, timeline: &mut Timeline) {
        let index = self.bodies().index.clone();
        self.publish(timeline, index);
    }

    fn publish(&self, timeline: &mut Timeline, index: Option<Arc<Body>>) {
        let now = clock::now();
        let mut shelf = self.shelf();
        shelf.is_hinting = timeline.lists_parts();
        let hint = shelf.name(shelf.next());
        let edge = timeline.edge();
        let oldest = timeline.oldest_part().and_then(|name| shelf.number(name));
        let fetched_ms = i64::from(edge.target_s).saturating_mul(FETCHED_TARGETS * 1000);
        let next = shelf.next();
        shelf.retire(oldest.unwrap_or(next), now.plus(Millis(fetched_ms)));
        shelf.sweep(now);
        drop(shelf);
        let bodies = Bodies {
            index,
            live: timeline
                .live_playlist(&hint)
                .map(|text| LiveBody::of(text, edge.target_s)),
            edge,
        };
        self.bodies.tell(Arc::new(bodies));
    }

    fn index(&self, rates: Rates) -> String {
        let picture = self.picture().clone();
        multivariant::render(&Rendition {
            bandwidth_bps: rates.peak_bps.max(1),
            average_bandwidth_bps: Some(rates.average_bps.max(1)),
            codecs: picture.codecs,
            resolution: picture.resolution,
            frame_rate_milli: picture.frame_rate_milli,
            uri: "live.m3u8",
        })
    }
}
