//! Jobs of the kind that makes clips.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sluice_kit::{Failure, Settings, clock};
use sluice_store::Error;
use sluice_store::clips::{Clip, Made, Order};
use sluice_store::jobs::{CLIP, Job};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::keep;
use crate::make::make;
use crate::site::Site;
use crate::trouble::Trouble;

/// No clip's progress is told more often.
const TOLD_EVERY: Duration = Duration::from_millis(300);

/// Makes clips, one after the other, until `stop` completes.
pub(crate) async fn run(site: &Arc<Site>, stop: impl Future<Output = ()>) {
    let settings = Settings {
        lease: site.settings.lease,
        poll: site.settings.poll,
        grace: site.settings.grace,
        // A clip that fails says so and is done with. These are for clippers that die and databases that are away.
        attempts: 4,
        retry_longest: Duration::from_secs(10),
        // The cut has a limit of its own, by the clip's length.
        time_limit: Duration::from_secs(4 * 3600),
        ..Settings::new("clipper", &[CLIP])
    };
    let handler = {
        let site = Arc::clone(site);
        move |job: Job| handle(Arc::clone(&site), job)
    };
    sluice_kit::run(&site.store, &settings, handler, stop).await;
}

async fn handle(site: Arc<Site>, job: Job) -> Result<(), Failure> {
    let order: Order = serde_json::from_str(&job.payload).map_err(|error| Failure::Never(error.to_string()))?;
    let again = |error: Error| Failure::Again(error.to_string());
    let clips = site.store.clips();
    if !clips.start(&order.clip, &job, clock::now()).await.map_err(again)? {
        // It was deleted, or is made already.
        return Ok(());
    }
    let Some(clip) = clips.by_id(&order.clip).await.map_err(again)? else {
        return Ok(());
    };
    match attempt(&site, &clip, &job).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            tracing::info!(clip = clip.id, "a clip is not wanted any more");
            leave(&site, &order).await.map_err(again)
        }
        Err(Trouble::Failed(reason, detail)) => {
            tracing::warn!(
                clip = clip.id,
                reason = reason.as_str(),
                detail,
                "a clip came to nothing"
            );
            keep::discard(&site, &order).await;
            let told = clips.fail(&clip.id, &job, reason, clock::now()).await;
            told.map(drop).map_err(again)
        }
        Err(Trouble::Database(error)) => Err(again(error)),
    }
}

/// Makes the clip and says so, and how far it is meanwhile. False if nobody waits for it any more.
async fn attempt(site: &Site, clip: &Clip, job: &Job) -> Result<bool, Trouble> {
    let (say, heard) = watch::channel(0.0);
    let made = tokio::select! {
        made = make(site, clip, |done| { say.send_replace(done); }) => made?,
        () = tell(site, clip, job, heard) => return Ok(false),
    };
    let made = Made {
        actual_start_at: made.actual_start,
        duration_ms: made.duration_ms,
        bytes: i64::try_from(made.bytes).unwrap_or(i64::MAX),
        width: some(made.width),
        height: some(made.height),
        frame_rate_milli: some(made.frame_rate_milli),
    };
    let ready = site.store.clips().ready(&clip.id, job, &made, clock::now()).await?;
    if ready {
        tracing::info!(
            clip = clip.id,
            duration_ms = made.duration_ms,
            bytes = made.bytes,
            "a clip is ready"
        );
    }
    Ok(ready)
}

fn some(number: u32) -> Option<i64> {
    (number > 0).then(|| number.into())
}

/// Tells how far a clip is, now and then, until it is not wanted any more.
async fn tell(site: &Site, clip: &Clip, job: &Job, mut heard: watch::Receiver<f32>) {
    while heard.changed().await.is_ok() {
        #[expect(clippy::cast_possible_truncation, reason = "it is between 0 and 1000")]
        let thousandths = (*heard.borrow_and_update() * 1000.0) as i64;
        // A database that is away will be told the next time.
        if let Ok(false) = site
            .store
            .clips()
            .progress(&clip.id, job, thousandths, clock::now())
            .await
        {
            return;
        }
        sleep(TOLD_EVERY).await;
    }
    std::future::pending().await
}

/// Removes what was put of a clip that was deleted meanwhile. One that is there is another attempt's.
async fn leave(site: &Site, order: &Order) -> Result<(), Error> {
    if site.store.clips().by_id(&order.clip).await?.is_none() {
        keep::discard(site, order).await;
    }
    Ok(())
}
