//! Keeps held indexes true: what the uploader does, what grows old while nothing comes, and whom nobody asks for.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sluice_domain::Millis;
use sluice_hls::recorded;
use sluice_store::{Error as StoreError, offload::Place};
use tokio::time;

use super::{Dvr, Phase, SLIDES_EVERY, UNUSED};
use crate::{
    clock,
    error::chain,
    live::{Live, channel::Channel, start::unsigned},
};

/// How soon playlists tell where a segment is. Whoever asks for one that has moved meanwhile is sent there.
const EVERY: Duration = Duration::from_secs(5);

/// Looks after all channels, for ever.
pub(in crate::live) async fn run(live: Live) {
    let mut ticks = time::interval(EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = clock::now();
        let channels: Vec<Arc<Channel>> = live.inner.channels.iter().map(|entry| Arc::clone(&entry)).collect();
        let held: Vec<_> = channels
            .into_iter()
            .filter(|channel| channel.dvr.is_kept(now))
            .collect();
        if let Err(error) = live.follow_places(&held).await {
            tracing::debug!(error = %chain(&error), "playlists do not learn where segments are");
        }
    }
}

impl Live {
    /// Tells indexes where segments are: what is lost; and, where stored segments are listed at another address, what is
    /// stored since, and what is not any more.
    async fn follow_places(&self, held: &[Arc<Channel>]) -> Result<(), StoreError> {
        if held.is_empty() {
            return Ok(());
        }
        let mut lost = self.placed(Place::Lost).await?;
        for channel in held {
            let lost = lost.remove(&channel.id).unwrap_or_default();
            self.find_again(channel, channel.dvr.lost(lost, clock::now())).await?;
            channel.dvr.withdraw(self.removed(&channel.id).await?, clock::now());
        }
        if !self.delivery().is_direct() {
            return Ok(());
        }
        let mut waiting = self.placed(Place::Disk).await?;
        for channel in held {
            let waiting = waiting.remove(&channel.id).unwrap_or_default();
            let mut places: Vec<_> = waiting.into_iter().map(|msn| (msn, Place::Disk)).collect();
            if let Some(oldest) = channel.dvr.oldest_here() {
                let rows = self.store().rewind().places(&channel.id, oldest).await?;
                places.extend(rows.into_iter().map(|at| (unsigned(at.msn), at.place)));
            }
            channel.dvr.moved(places, clock::now());
        }
        Ok(())
    }

    /// Lists segments that are lost no more, as far as there still are such segments: of those whose time is over, or
    /// whose show was deleted, the database knows nothing any more.
    async fn find_again(&self, channel: &Channel, found: BTreeSet<u64>) -> Result<(), StoreError> {
        let Some(oldest) = found.first().and_then(|msn| i64::try_from(*msn).ok()) else {
            return Ok(());
        };
        let rows = self.store().rewind().places(&channel.id, oldest).await?;
        let places = rows.into_iter().map(|at| (unsigned(at.msn), at.place));
        let places = places.filter(|(msn, _)| found.contains(msn)).collect();
        channel.dvr.moved(places, clock::now());
        Ok(())
    }

    /// What is in one place, by channel.
    async fn placed(&self, place: Place) -> Result<HashMap<String, BTreeSet<u64>>, StoreError> {
        let mut channels = HashMap::<String, BTreeSet<u64>>::new();
        for at in self.store().rewind().at(place).await? {
            channels.entry(at.channel_id).or_default().insert(unsigned(at.msn));
        }
        Ok(channels)
    }
}

impl Dvr {
    /// Whether the index is held, after what is old has left it, or all of it has because nobody asks.
    fn is_kept(&self, now: Millis) -> bool {
        let mut phase = self.phase();
        let Phase::Warm(held) = &mut *phase else { return false };
        let asked_at = Millis(self.asked_at.load(Ordering::Relaxed));
        if now.since(asked_at) > UNUSED && self.waiting() == 0 {
            *phase = Phase::Cold;
            self.tell(None);
            return false;
        }
        if now.since(held.slid_at) > SLIDES_EVERY && self.slide(held, now) {
            self.publish(held, now);
        }
        true
    }

    /// Segments of these numbers can be played no more.
    pub fn withdraw(&self, removed: impl IntoIterator<Item = Range<u64>>, now: Millis) {
        let listed = match &*self.phase() {
            Phase::Warm(held) => held.index.range(),
            Phase::Cold | Phase::Loading(_) => return,
        };
        let removed = removed
            .into_iter()
            .flat_map(|range| range.start.max(listed.start)..range.end.min(listed.end));
        self.place(removed.map(|msn| (msn, recorded::Place::Lost)), now);
    }

    /// These, of all there are in the database, are lost. Gives those that were among them before.
    fn lost(&self, lost: BTreeSet<u64>, now: Millis) -> BTreeSet<u64> {
        let mut phase = self.phase();
        let Phase::Warm(held) = &mut *phase else {
            return BTreeSet::new();
        };
        let found = held.lost.difference(&lost).copied().collect();
        held.lost.clone_from(&lost);
        drop(phase);
        self.place(lost.into_iter().map(|msn| (msn, recorded::Place::Lost)), now);
        found
    }

    /// The number of the oldest segment that is not known to be stored; nothing where it makes no difference.
    fn oldest_here(&self) -> Option<i64> {
        let phase = self.phase();
        let Phase::Warm(held) = &*phase else { return None };
        let mut segments = held.index.segments(held.index.range());
        let oldest = segments.find(|segment| segment.place == recorded::Place::Here)?;
        i64::try_from(oldest.msn).ok()
    }

    /// Segments are where the database says.
    fn moved(&self, places: Vec<(u64, Place)>, now: Millis) {
        let told = places.into_iter().map(|(msn, place)| (msn, self.scribe.place(place)));
        self.place(told, now);
    }
}
