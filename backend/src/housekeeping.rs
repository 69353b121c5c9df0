//! What must be swept up now and then: counts of callers long gone, clips whose makers died, logins and links whose time
//! is over.

use std::time::Duration;

use sluice_store::Error;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock;
use crate::error::chain;
use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(60);
/// Rows are swept once in so many rounds: they do no harm, being out of date is checked where they are read.
const ROUNDS_BETWEEN_PURGES: u64 = 60;

/// Sweeps until it is aborted.
pub async fn run(state: AppState) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0u64.. {
        rounds.tick().await;
        state.limits.sweep();
        match state.store.clips().give_up_orphans(clock::now()).await {
            Ok(0) => {}
            Ok(clips) => tracing::warn!(clips, "clips have failed whose jobs are over without a word"),
            Err(error) => tracing::warn!(error = %chain(&error), "clips without a job could not be looked for"),
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_PURGES) {
            match purge(&state).await {
                Ok(rows) => tracing::debug!(rows, "logins and links out of date were removed"),
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "logins and links out of date could not be removed")
                }
            }
        }
    }
}

async fn purge(state: &AppState) -> Result<u64, Error> {
    let now = clock::now();
    let logins = state.store.logins().purge(now).await?;
    Ok(logins + state.store.mail_tokens().purge(now).await?)
}
