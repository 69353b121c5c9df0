//! A channel as the live side holds it: its timeline, its playlists as bytes, its viewers.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use sluice_domain::{Millis, Slug};
use sluice_hls::{
    multivariant::{self, Rendition},
    timeline::Segment,
};
use tokio::sync::watch;

use super::{
    bodies::{Bodies, Body, LiveBody},
    timeline::{Incoming, Placed, Rates, Timeline},
    viewers::Viewers,
};

/// One channel, shared by whoever serves it.
pub struct Channel {
    /// The channel's id.
    pub id: String,
    /// Its public name.
    pub slug: Slug,
    /// The players that watch it.
    pub viewers: Viewers,
    timeline: Mutex<Timeline>,
    picture: Mutex<Picture>,
    is_probed: AtomicBool,
    bodies: watch::Sender<Arc<Bodies>>,
}

/// What the multivariant playlist says of the stream beside its bitrate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// RFC 6381 names, comma between them.
    pub codecs: Option<String>,
    /// Width and height in pixels.
    pub resolution: Option<(u32, u32)>,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: Option<u32>,
}

impl Channel {
    /// A channel with what the index knows of it. `awaited`: an encoder is live on it, or may still come back.
    pub fn new(id: String, slug: Slug, mut timeline: Timeline, awaited: bool) -> Self {
        if !awaited {
            timeline.end_show();
        }
        let channel = Self {
            id,
            slug,
            viewers: Viewers::default(),
            timeline: Mutex::new(timeline),
            picture: Mutex::default(),
            is_probed: AtomicBool::new(false),
            bodies: watch::Sender::default(),
        };
        channel.rebuild(&mut channel.timeline());
        channel
    }

    /// The playlists as they stand.
    pub fn bodies(&self) -> Arc<Bodies> {
        Arc::clone(&self.bodies.borrow())
    }

    /// The playlists as they stand, and the news of each change. It ends with the channel.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Bodies>> {
        self.bodies.subscribe()
    }

    /// Gives a segment its place and its name without showing it to anyone. `keep` moves its file; when that fails,
    /// nothing has happened.
    pub fn append<E>(&self, incoming: Incoming<'_>, keep: impl FnOnce(&Segment) -> Result<(), E>) -> Result<Placed, E> {
        let mut timeline = self.timeline();
        let mut next = timeline.clone();
        let placed = next.append(incoming);
        keep(&placed.segment)?;
        *timeline = next;
        self.rebuild(&mut timeline);
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

    /// Whether a later session than this one has brought segments; ids grow with time.
    pub fn is_past(&self, session: &str) -> bool {
        self.timeline().newest_session().is_some_and(|newest| newest > session)
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

    /// Says what the stream is made of.
    pub fn set_picture(&self, picture: Picture) {
        *self.picture() = picture;
        self.rebuild(&mut self.timeline());
    }

    fn close(&self, timeline: &mut Timeline) {
        if !timeline.is_empty() && !timeline.ended() {
            timeline.end_show();
            self.rebuild(timeline);
            tracing::info!(channel = %self.slug, "a show is over");
        }
    }

    fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn picture(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rebuild(&self, timeline: &mut Timeline) {
        let live = timeline.live_playlist();
        let index = live.is_some().then(|| self.index(timeline.rates()));
        let bodies = Bodies {
            index: index.map(Body::of),
            live: live.map(LiveBody::of),
            edge: timeline.edge(),
        };
        self.bodies.send_replace(Arc::new(bodies));
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
