//! What every worker stands on: a loop that leases jobs from the store and does them one after the other.
//!
//! Enter by [`run`]. A handler is a function from a job to a future; whatever happens to it, panic and hanging
//! included, becomes of the job what [`Settings`] say. A worker that is killed leaves its job to another when the
//! lease ends: a job is done at least once, so a handler must bear to begin again.
//!
//! Beside it: what a worker begins and ends with (`sluice_process`), the waits of whatever it does outside of jobs, and how
//! heavy work stands back behind whatever answers viewers.
//!
//! The kit refuses to know what jobs are about.

mod attempt;
pub mod backoff;
mod behind;

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sluice_domain::Millis;
use sluice_store::jobs::Job;
use sluice_store::{Error, Store};
use tokio::time::timeout;
use tracing::warn;

pub use attempt::Failure;
pub use behind::stand_back;
pub use sluice_process::{clock, opened, shutdown, telemetry};

/// How a worker goes about its jobs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The worker's name, as it stands in the job's row.
    pub name: &'static str,
    /// The kinds of jobs it does.
    pub kinds: &'static [&'static str],
    /// How long a killed worker's job waits for another. It is renewed three times as often while a job is done.
    pub lease: Duration,
    /// How long to wait before asking again when there was nothing to do.
    pub poll: Duration,
    /// A handler that takes longer is stopped, which counts as a failure.
    pub time_limit: Duration,
    /// How often a job is tried before it is given up.
    pub attempts: i64,
    /// The wait before the second attempt; it doubles with each further one.
    pub retry_first: Duration,
    /// No wait between attempts is longer.
    pub retry_longest: Duration,
    /// How long a job may go on after the word to stop, before it is handed back. Shorter than two thirds of `lease`,
    /// which is what is left of it at the least.
    pub grace: Duration,
}

impl Settings {
    /// Settings that suit jobs of seconds to minutes.
    pub const fn new(name: &'static str, kinds: &'static [&'static str]) -> Self {
        Self {
            name,
            kinds,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            time_limit: Duration::from_secs(600),
            attempts: 5,
            retry_first: Duration::from_secs(2),
            retry_longest: Duration::from_secs(300),
            grace: Duration::from_secs(8),
        }
    }
}

/// Leases jobs and does them, one at a time, until `shutdown` completes; then lets the running one end or hands it back.
///
/// Several may run in one process, and in many. A database that is away is waited for.
pub async fn run<H, F>(store: &Store, settings: &Settings, handler: H, shutdown: impl Future<Output = ()>)
where
    H: Fn(Job) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let handler = Arc::new(handler);
    let mut stop = pin!(shutdown);
    let mut pause = Duration::ZERO;
    while timeout(pause, &mut stop).await.is_err() {
        pause = match lease(store, settings).await {
            Ok(Some(job)) => {
                let attempt = attempt::Attempt::new(store, settings, job);
                match attempt.run(&handler, stop.as_mut()).await {
                    ControlFlow::Continue(()) => Duration::ZERO,
                    ControlFlow::Break(()) => return,
                }
            }
            Ok(None) => backoff::jittered(settings.poll),
            Err(error) => {
                warn!(
                    worker = settings.name,
                    error = attempt::cause(&error),
                    "cannot ask for a job"
                );
                backoff::jittered(settings.poll)
            }
        };
    }
}

async fn lease(store: &Store, settings: &Settings) -> Result<Option<Job>, Error> {
    let now = clock::now();
    let until = now.plus(length(settings.lease));
    store.jobs().lease(settings.kinds, settings.name, now, until).await
}

/// A length of time in the site's own unit.
pub fn length(duration: Duration) -> Millis {
    Millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
