//! A channel as the live side holds it: its timeline, its playlists as bytes, its viewers.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicI64, Ordering},
};

use sluice_domain::{Millis, Slug};
use sluice_hls::{
    multivariant::{self, Rendition},
    timeline::Segment,
};

use super::{
    bodies::{Bodies, Body},
    timeline::{Incoming, Rates, Timeline},
    viewers::Viewers,
};
use crate::clock;

/// One channel, shared by whoever serves it.
pub struct Channel {
    /// The channel's id.
    pub id: String,
    /// Its public name.
    pub slug: Slug,
    /// The players that watch it.
    pub viewers: Viewers,
    timeline: Mutex<Timeline>,
    /// When the newest segment came, in milliseconds since the epoch.
    arrived_at: AtomicI64,
    picture: Mutex<Picture>,
    bodies: RwLock<Arc<Bodies>>,
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
    /// A channel with what the index knows of it. Its show goes on if an encoder is live or may still come back.
    pub fn new(id: String, slug: Slug, mut timeline: Timeline, awaited: bool) -> Self {
        if !awaited {
            timeline.end_show();
        }
        let channel = Self {
            id,
            slug,
            viewers: Viewers::default(),
            arrived_at: AtomicI64::new(clock::now().0),
            timeline: Mutex::new(timeline),
            picture: Mutex::default(),
            bodies: RwLock::default(),
        };
        channel.rebuild(&mut channel.timeline());
        channel
    }

    /// The playlists as they stand.
    pub fn bodies(&self) -> Arc<Bodies> {
        Arc::clone(&self.bodies.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives a segment its place and its name without showing it to anyone. `keep` moves its file; when that fails,
    /// nothing has happened.
    pub fn append<E>(
        &self,
        incoming: Incoming<'_>,
        keep: impl FnOnce(&Segment) -> Result<(), E>,
    ) -> Result<Segment, E> {
        let mut timeline = self.timeline();
        let mut next = timeline.clone();
        let segment = next.append(incoming);
        keep(&segment)?;
        *timeline = next;
        self.arrived_at.store(clock::now().0, Ordering::Relaxed);
        self.rebuild(&mut timeline);
        Ok(segment)
    }

    /// Closes the playlist of a show whose last segment came longer ago than `gap`; an encoder whose keyframes are far
    /// apart gets three of its segments' time.
    pub fn end_show_if_silent(&self, now: Millis, gap: Millis) {
        let mut timeline = self.timeline();
        let gap = gap.max(Millis::from_secs(i64::from(timeline.target_s()) * 3));
        let arrived_at = Millis(self.arrived_at.load(Ordering::Relaxed));
        let over = !timeline.is_empty() && !timeline.ended() && now.since(arrived_at) > gap;
        if over {
            timeline.end_show();
            self.rebuild(&mut timeline);
            tracing::info!(channel = %self.slug, "a show is over");
        }
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
            live: live.map(Body::of),
            ended: timeline.ended(),
        };
        *self.bodies.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(bodies);
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
