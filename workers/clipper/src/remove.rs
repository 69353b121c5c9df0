//! The objects of clips that were deleted: a job of the backend's for each.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sluice_kit::{Failure, Settings};
use sluice_store::clips::Order;
use sluice_store::jobs::{Job, REMOVE_CLIP};

use crate::keep;
use crate::site::Site;

/// An outage of days is no reason to leave a clip behind: forty attempts, the last of them six hours apart.
const SETTINGS: Settings = Settings {
    attempts: 40,
    retry_longest: Duration::from_secs(6 * 3600),
    ..Settings::new("clipper", &[REMOVE_CLIP])
};

pub(crate) async fn run(site: &Arc<Site>, stop: impl Future<Output = ()>) {
    let handler = {
        let site = Arc::clone(site);
        move |job: Job| remove(Arc::clone(&site), job)
    };
    sluice_kit::run(&site.store, &SETTINGS, handler, stop).await;
}

async fn remove(site: Arc<Site>, job: Job) -> Result<(), Failure> {
    let order: Order = serde_json::from_str(&job.payload).map_err(|error| Failure::Never(error.to_string()))?;
    let keys = keep::keys(&order).map_err(|error| Failure::Never(error.to_string()))?;
    let removed = site.objects.delete(&keys).await;
    removed.map_err(|fault| Failure::Again(fault.to_string()))?;
    tracing::info!(clip = order.clip, "a deleted clip's objects are removed");
    Ok(())
}
