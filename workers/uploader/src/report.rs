//! Says now and then how things are, for the administrator and for metrics.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sluice_kit::clock;
use sluice_store::storage::Report;

use crate::attempt::cause;
use crate::site::Site;
use crate::stop::Stop;

pub(crate) async fn run(site: &Arc<Site>, mut stop: Stop) {
    loop {
        if let Err(error) = site.store.storage().report(&report(site)).await {
            tracing::debug!(error = cause(&error), "cannot report");
        }
        if stop.came_within(site.settings.report_every).await {
            return;
        }
    }
}

fn report(site: &Site) -> Report {
    let standing = site.standing().clone();
    let (total_bytes, free_bytes) = site
        .archive
        .space()
        .map_or((0, 0), |space| (space.used_bytes + space.free_bytes, space.free_bytes));
    let counts = &site.counts;
    Report {
        node: site.settings.node.clone(),
        store: site.objects.identity(),
        state: standing.state,
        problem: standing.store_problem.or(standing.disk_problem),
        started_at: site.started_at,
        reported_at: clock::now(),
        disk_total_bytes: signed(total_bytes),
        disk_free_bytes: signed(free_bytes),
        disk_high_percent: site.settings.watermarks.high_percent.into(),
        disk_low_percent: site.settings.watermarks.low_percent.into(),
        stored_segments: counts.stored.segments(),
        stored_bytes: counts.stored.bytes(),
        failed_attempts: counts.failed.load(Ordering::Relaxed),
        evicted_segments: counts.evicted.segments(),
        evicted_bytes: counts.evicted.bytes(),
        lost_segments: counts.lost.load(Ordering::Relaxed),
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
