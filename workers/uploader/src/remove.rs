//! The objects of channels that were deleted: a job of the backend's for each.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use sluice_domain::{Millis, Slug};
use sluice_kit::{Failure, Settings};
use sluice_store::jobs::{Job, REMOVE_OBJECTS};

use crate::site::Site;
use crate::stop::Stop;

/// An outage of days is no reason to leave a channel's media behind: forty attempts, the last of them six hours apart.
const SETTINGS: Settings = Settings {
    attempts: 40,
    retry_longest: Duration::from_secs(6 * 3600),
    ..Settings::new("uploader", &[REMOVE_OBJECTS])
};

/// What the job says.
#[derive(Debug, Deserialize)]
struct Removal {
    /// The channel's name.
    slug: String,
    /// When it was deleted. Another one may have taken its name since.
    deleted_at: Millis,
}

pub(crate) async fn run(site: &Arc<Site>, mut stop: Stop) {
    let handler = {
        let site = Arc::clone(site);
        move |job: Job| remove(Arc::clone(&site), job)
    };
    sluice_kit::run(&site.store, &SETTINGS, handler, async move { stop.wait().await }).await;
}

async fn remove(site: Arc<Site>, job: Job) -> Result<(), Failure> {
    let removal: Removal = serde_json::from_str(&job.payload).map_err(|error| Failure::Never(error.to_string()))?;
    let slug = Slug::parse(&removal.slug).map_err(|error| Failure::Never(error.to_string()))?;
    let channel = site.store.channels().by_slug(slug.as_str()).await;
    let channel = channel.map_err(|error| Failure::Again(error.to_string()))?;
    if channel.is_some_and(|channel| channel.created_at < removal.deleted_at) {
        // It is still there: the deletion was not carried through.
        return Ok(());
    }
    let removed = site.objects.remove_channel(&slug, removal.deleted_at).await;
    let removed = removed.map_err(|fault| Failure::Again(fault.to_string()))?;
    tracing::info!(channel = %slug, objects = removed, "a deleted channel's objects are removed");
    Ok(())
}
