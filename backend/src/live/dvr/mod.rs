//! What a channel can be rewound to: `dvr.m3u8`, the whole window; `timeshift.m3u8`, a closed stretch of it; and
//! `shows/{id}.m3u8`, a show that is over.
//!
//! A channel's index is read from the database by the first request, kept up with the live timeline and with what the
//! uploader does, and let go when nobody has asked for long; in between requests do no SQL. Enter by
//! [`Live::rewind`](super::Live), which gives the newest [`Version`]. How playlists are written is in `sluice_hls`.

mod answered;
mod follow;
mod handover;
mod load;
pub mod playlist;
pub mod show;
mod stretch;
pub mod timeshift;
mod version;

use std::{
    collections::BTreeSet,
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use sluice_domain::{Dvr as Rewinds, Millis, Rewind, Slug, retention};
use sluice_hls::{
    dvr::Index,
    recorded::{Head, Links, Place, Recorded, Style, skip_boundary_us},
    timeline::Segment,
};
use sluice_store::offload;
use tokio::sync::watch;

use self::handover::Handover;
use super::{bodies::Encoded, news::News};
use crate::{delivery::Delivery, shutdown::Shutdown};

pub(super) use answered::run as count_answered;
pub(super) use follow::run as follow;
pub(super) use handover::clear;
pub use stretch::Stretch;
pub use version::Version;

/// An index that nobody has asked for so long is let go: longer than a player is paused between two looks.
const UNUSED: Millis = Millis::from_secs(600);
/// Off air, segments leave the list at most so often; the uploader grants twice as long (`sluice_domain::retention`).
const SLIDES_EVERY: Millis = Millis::from_secs(60);

/// What holds for all channels.
#[derive(Debug)]
pub struct Settings {
    /// How far channels can be rewound that say nothing of it.
    pub window_hours: u32,
    /// The wall clock is told in the titles of segments, too.
    pub wall_clock: bool,
    /// Where stored segments are listed.
    pub delivery: Delivery,
    /// Where playlists are handed over to nginx.
    pub handover: PathBuf,
    /// Where nginx says whom it has answered.
    pub answered: PathBuf,
}

/// What one channel can be rewound to.
#[derive(Debug)]
pub struct Dvr {
    scribe: Arc<Scribe>,
    phase: Mutex<Phase>,
    loading: tokio::sync::Mutex<()>,
    versions: News<Option<Arc<Version>>>,
    handover: Handover,
    asked_at: AtomicI64,
    window_hours: AtomicU32,
}

/// Knows how a channel's segments are written.
#[derive(Debug)]
pub(super) struct Scribe {
    settings: Arc<Settings>,
    slug: Slug,
    directory: &'static str,
}

#[derive(Debug)]
enum Phase {
    /// Nothing is held.
    Cold,
    /// The database is being read; meanwhile these have come.
    Loading(Vec<Segment>),
    /// All of it is held.
    Warm(Held),
}

/// An index that is held.
#[derive(Debug)]
struct Held {
    index: Index,
    /// What the database says is lost.
    lost: BTreeSet<u64>,
    /// Nothing will be added for now.
    ended: bool,
    /// A listed segment was changed that delta updates may leave out.
    changed_at: Millis,
    slid_at: Millis,
}

impl Scribe {
    /// For the playlists that lie beside the directory of segments.
    fn new(settings: Arc<Settings>, slug: Slug) -> Self {
        let directory = "segments/";
        Self {
            settings,
            slug,
            directory,
        }
    }

    /// The same for playlists that lie in a directory of their own.
    fn one_down(&self) -> Self {
        Self {
            settings: Arc::clone(&self.settings),
            slug: self.slug.clone(),
            directory: "../segments/",
        }
    }

    /// A playlist, plain or in gzip.
    fn encoded(&self, index: &Index, head: &Head, range: Range<u64>, zipped: bool) -> Encoded {
        self.write(|style| match zipped {
            true => Encoded::of(index.gzip(head, range, style)),
            false => Encoded::of(index.text(head, range, style)),
        })
    }

    /// Hands on how segments are written.
    fn write<T>(&self, write: impl FnOnce(Style<'_>) -> T) -> T {
        let Settings {
            wall_clock, delivery, ..
        } = self.settings.as_ref();
        let link = |name: &str| delivery.url(self.slug.as_str(), name);
        let links: Links<'_> = &link;
        write(Style {
            directory: self.directory,
            wall_clock: *wall_clock,
            links: self.lists_stored().then_some(links),
        })
    }

    /// Whether stored segments are listed at another address.
    fn lists_stored(&self) -> bool {
        self.settings.delivery.is_direct()
    }

    /// A place as this channel's playlists tell it.
    fn place(&self, place: offload::Place) -> Place {
        match place {
            offload::Place::Lost => Place::Lost,
            place if place.is_stored() && self.lists_stored() => Place::Stored,
            _ => Place::Here,
        }
    }
}

impl Dvr {
    /// Nothing is held yet.
    pub fn new(settings: Arc<Settings>, slug: Slug) -> Self {
        Self {
            window_hours: AtomicU32::new(settings.window_hours),
            handover: Handover::new(&settings.handover, slug.as_str()),
            scribe: Arc::new(Scribe::new(settings, slug)),
            phase: Mutex::new(Phase::Cold),
            loading: tokio::sync::Mutex::default(),
            versions: News::default(),
            asked_at: AtomicI64::new(0),
        }
    }

    /// The newest version; nothing where the index is not held.
    pub fn version(&self) -> Option<Arc<Version>> {
        self.versions.newest()
    }

    /// The news of each version from now on. It ends with the channel, or the process.
    pub fn listen(&self, shutdown: &Shutdown) -> watch::Receiver<Option<Arc<Version>>> {
        self.versions.listen(shutdown)
    }

    /// How many wait for news.
    pub fn waiting(&self) -> usize {
        self.versions.waiting()
    }

    /// Somebody asks: the index stays.
    pub fn asked(&self, now: Millis) {
        self.asked_at.store(now.0, Ordering::Relaxed);
    }

    /// How far the channel can be rewound, and whether by everyone. What has left the window does not come back to it as
    /// long as it is held.
    pub fn set_policy(&self, rewind: Rewind) {
        self.handover.set_open(rewind.dvr == Rewinds::Everyone);
        let hours = rewind.hours(self.scribe.settings.window_hours);
        self.window_hours.store(hours, Ordering::Relaxed);
    }

    /// The channel is deleted, or the process ends: nothing stays with nginx.
    pub fn close(&self) {
        self.handover.close();
    }

    /// Leaves the whole playlist in gzip to nginx, which has asked for it, for as long as it holds.
    pub(super) fn hand_over(&self, version: &Arc<Version>) {
        let is_newest = || self.version().is_some_and(|newest| Arc::ptr_eq(&newest, version));
        let handed = version.zipped().map(|whole| self.handover.make(whole, is_newest));
        if let Some(Err(error)) = &handed {
            tracing::debug!(%error, channel = %self.scribe.slug, "a playlist cannot be handed over to nginx");
        }
        if !matches!(handed, Some(Ok(true))) {
            version.forgo_handover();
        }
    }

    /// The channel's newest segment.
    pub fn added(&self, segment: &Segment, now: Millis) {
        match &mut *self.phase() {
            Phase::Cold => {}
            Phase::Loading(arrived) => arrived.push(segment.clone()),
            Phase::Warm(held) => {
                held.push(segment);
                held.ended = false;
                self.slide(held, now);
                self.publish(held, now);
            }
        }
    }

    /// The show is over; the next segment begins another.
    pub fn ended(&self, now: Millis) {
        if let Phase::Warm(held) = &mut *self.phase() {
            held.ended = true;
            self.publish(held, now);
        }
    }

    /// Says where segments are.
    fn place(&self, places: impl IntoIterator<Item = (u64, Place)>, now: Millis) {
        let mut phase = self.phase();
        let Phase::Warm(held) = &mut *phase else { return };
        let mut is_changed = false;
        for (msn, place) in places {
            is_changed |= held.place(msn, place, now);
        }
        if is_changed {
            self.slide(held, now);
            self.publish(held, now);
        }
    }

    fn slide(&self, held: &mut Held, now: Millis) -> bool {
        held.slid_at = now;
        held.index.slide(self.oldest(held.index.end_ms(), now).0)
    }

    /// What began before is not listed. The newest media counts where the machine's clock was set back, so that what has
    /// left does not come back with a restart.
    fn oldest(&self, end_ms: Option<i64>, now: Millis) -> Millis {
        let end = end_ms.map_or(now, |end_ms| now.max(Millis(end_ms)));
        retention::listed_from(self.window_hours.load(Ordering::Relaxed), end)
    }

    fn publish(&self, held: &Held, now: Millis) {
        let version = Version::of(held, Arc::clone(&self.scribe), now);
        self.tell(Some(Arc::new(version)));
    }

    fn tell(&self, version: Option<Arc<Version>>) {
        self.versions.tell(version);
        self.handover.withdraw();
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn push(&mut self, segment: &Segment) {
        let recorded = Recorded {
            msn: segment.msn,
            started_at_ms: segment.started_at_ms,
            duration_us: segment.duration_us,
            discontinuity: segment.discontinuity,
            discontinuity_seq: segment.discontinuity_seq,
            place: Place::Here,
        };
        self.index.push(recorded, segment.target_s);
    }

    /// Says where a segment is; true where playlists change by it.
    fn place(&mut self, msn: u64, place: Place, now: Millis) -> bool {
        let is_new = self.index.place(msn).is_some_and(|known| known != place);
        if !is_new || !self.index.set_place(msn, place) {
            return false;
        }
        // Who was sent the playlist before, half a boundary ago at the most, learns of it from the next delta update only
        // where that does not leave it out then.
        if msn < self.index.within(skip_boundary_us(self.index.target_s()) / 2) {
            self.changed_at = now;
        }
        true
    }

    /// Whether a delta update may be sent: whoever asks for one has a copy that is younger than half the Skip Boundary
    /// (draft-pantos-hls-rfc8216bis-22, 6.3.7), and all that is left out has to be in it as it is now.
    fn may_skip(&self, now: Millis) -> bool {
        let half_us = skip_boundary_us(self.index.target_s()) / 2;
        let half = Millis(i64::try_from(half_us / 1000).unwrap_or(i64::MAX));
        !self.ended && now.since(self.changed_at) > half
    }
}
