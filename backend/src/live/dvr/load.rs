//! From the database to an index that is held.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use sluice_domain::Millis;
use sluice_hls::{
    dvr::Index,
    recorded::{Place, Recorded},
    timeline::Segment,
};
use sluice_store::{Error as StoreError, recordings::Recording, rewind::Listed};

use super::{Dvr, Held, Phase, Version};
use crate::{
    clock,
    error::Error,
    live::{Live, channel::Channel, start::unsigned},
};

impl Live {
    /// The newest version of what a channel can be rewound to. The first request reads the database; others that come
    /// meanwhile wait for it.
    pub(crate) async fn rewind(&self, channel: &Channel) -> Result<Arc<Version>, Error> {
        channel.dvr.asked(clock::now());
        match channel.dvr.version() {
            Some(version) => Ok(version),
            // Boxed, because every request pays for moving what the first one needs.
            None => Box::pin(self.load(channel)).await,
        }
    }

    async fn load(&self, channel: &Channel) -> Result<Arc<Version>, Error> {
        let dvr = &channel.dvr;
        let _turn = dvr.loading.lock().await;
        if let Some(version) = dvr.version() {
            return Ok(version);
        }
        let reading = Reading::begin(channel);
        let end = channel.end_ms();
        let (mut index, mut lost) = (Index::default(), BTreeSet::new());
        let since = dvr.oldest(end, clock::now());
        let rewind = self.store().rewind();
        let rows = rewind.segments(&channel.id, since, |row| {
            let target_s = u32::try_from(row.target_s).unwrap_or(u32::MAX);
            let segment = recorded(&row, &dvr.scribe);
            if segment.place == Place::Lost {
                lost.insert(segment.msn);
            }
            index.push(segment, target_s);
        });
        rows.await?;
        for removed in self.removed(&channel.id).await? {
            for msn in index.clip(removed) {
                index.set_place(msn, Place::Lost);
            }
        }
        reading.done(index, lost)
    }
}

impl Live {
    /// The numbers of a channel's segments that can be played no more, though they may still be there: their shows were
    /// deleted.
    pub(super) async fn removed(&self, channel_id: &str) -> Result<Vec<Range<u64>>, StoreError> {
        let shows = self.store().recordings().deleted(channel_id).await?;
        let numbers = |show: &Recording| unsigned(show.first_msn)..unsigned(show.reach()).saturating_add(1);
        Ok(shows.iter().map(numbers).collect())
    }
}

/// While the database is read, what comes in is remembered. Whoever stops in between leaves the index as it was.
struct Reading<'c> {
    channel: &'c Channel,
}

impl<'c> Reading<'c> {
    fn begin(channel: &'c Channel) -> Self {
        channel.begin_rewind();
        Self { channel }
    }

    /// The newest segments are in the timeline before they are in the database.
    fn done(self, index: Index, lost: BTreeSet<u64>) -> Result<Arc<Version>, Error> {
        let dvr = &self.channel.dvr;
        let mut phase = dvr.phase();
        let arrived = match &mut *phase {
            Phase::Loading(arrived) => std::mem::take(arrived),
            Phase::Cold | Phase::Warm(_) => Vec::new(),
        };
        let first = arrived.first().map(|segment| segment.msn);
        let is_behind = first.is_some_and(|first| !index.is_empty() && first > index.range().end);
        if is_behind {
            // The database was away, and more has come than the timeline holds.
            return Err(Error::NotYet { retry_after_s: 1 });
        }
        let now = clock::now();
        let mut held = Held {
            index,
            lost,
            ended: self.channel.bodies().edge.ended,
            changed_at: Millis(i64::MIN),
            slid_at: now,
        };
        arrived.iter().for_each(|segment| held.push(segment));
        dvr.slide(&mut held, now);
        dvr.publish(&held, now);
        *phase = Phase::Warm(held);
        drop(phase);
        dvr.version().ok_or(Error::NotYet { retry_after_s: 1 })
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut phase = self.channel.dvr.phase();
        if matches!(*phase, Phase::Loading(_)) {
            *phase = Phase::Cold;
        }
    }
}

impl Dvr {
    /// From now on what comes is remembered; `newest` has come before.
    pub(in crate::live) fn begin(&self, newest: Vec<Segment>) {
        *self.phase() = Phase::Loading(newest);
    }
}

fn recorded(row: &Listed, scribe: &super::Scribe) -> Recorded {
    Recorded {
        msn: unsigned(row.msn),
        started_at_ms: row.started_at.0,
        duration_us: unsigned(row.duration_us),
        discontinuity: row.discontinuity,
        discontinuity_seq: unsigned(row.discontinuity_seq),
        place: scribe.place(row.place),
    }
}
