//! One attempt at one job: the handler on a task of its own, the lease renewed meanwhile, the end recorded.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::Arc;

use sluice_domain::Millis;
use sluice_store::jobs::Job;
use sluice_store::{Error, Store};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tracing::{error, info, warn};

use crate::{Settings, backoff, clock, length};

/// Why a handler did not do its job. The sentence is kept with the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may go better another time.
    Again(String),
    /// It never will.
    Never(String),
}

/// What became of the handler.
enum Outcome {
    /// It said so itself.
    Finished(Result<(), Failure>),
    /// Somebody else has the job now, or may have.
    LeaseLost,
    /// The worker stops, and the handler did not end in time.
    Stopped,
}

pub(crate) struct Attempt<'a> {
    store: &'a Store,
    settings: &'a Settings,
    job: Job,
    /// Until when nobody else can have the job.
    held_until: Millis,
}

impl<'a> Attempt<'a> {
    /// An attempt at a job that was just leased.
    pub(crate) fn new(store: &'a Store, settings: &'a Settings, job: Job) -> Self {
        let held_until = clock::now().plus(length(settings.lease));
        Self {
            store,
            settings,
            job,
            held_until,
        }
    }

    /// Does the job as far as that goes. Breaks when `stop` has completed.
    pub(crate) async fn run<H, F>(
        mut self,
        handler: &Arc<H>,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> ControlFlow<()>
    where
        H: Fn(Job) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        if self.job.attempts > self.settings.attempts {
            // Every attempt ended without a word: the job kills its workers.
            let silent = "every attempt ended without a word".to_owned();
            self.settle(Outcome::Finished(Err(Failure::Never(silent)))).await;
            return ControlFlow::Continue(());
        }
        let (handler, job) = (handler.clone(), self.job.clone());
        // The handler is called on the task too: it may panic before there is a future.
        let mut task = Task(tokio::spawn(async move { handler(job).await }));
        let (flow, outcome) = self.watch(&mut task, stop).await;
        drop(task);
        self.settle(outcome).await;
        flow
    }

    /// Waits for the handler, the time limit, the loss of the lease or the word to stop.
    async fn watch(
        &mut self,
        task: &mut Task,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> (ControlFlow<()>, Outcome) {
        let beat = self.settings.lease / 3;
        let mut beats = interval_at(Instant::now() + beat, beat);
        let mut limit = pin!(sleep(self.settings.time_limit));
        loop {
            tokio::select! {
                biased;
                ended = &mut task.0 => return (ControlFlow::Continue(()), Outcome::Finished(answer(ended))),
                () = &mut stop => {
                    let ended = timeout(self.settings.grace, &mut task.0).await;
                    let outcome = ended.map_or(Outcome::Stopped, |ended| Outcome::Finished(answer(ended)));
                    return (ControlFlow::Break(()), outcome);
                }
                () = &mut limit => {
                    let late = format!("took longer than {} s", self.settings.time_limit.as_secs_f32());
                    return (ControlFlow::Continue(()), Outcome::Finished(Err(Failure::Again(late))));
                }
                _ = beats.tick() => {
                    if !self.renew().await {
                        return (ControlFlow::Continue(()), Outcome::LeaseLost);
                    }
                }
            }
        }
    }

    /// Renews the lease. False if it is lost.
    async fn renew(&mut self) -> bool {
        let until = clock::now().plus(length(self.settings.lease));
        match self.store.jobs().heartbeat(&self.job, until).await {
            Ok(true) => {
                self.held_until = until;
                true
            }
            Ok(false) => false,
            Err(error) => {
                warn!(
                    job = self.job.id,
                    error = cause(&error),
                    "cannot renew the lease on a job"
                );
                clock::now() < self.held_until
            }
        }
    }

    /// Records how the attempt ended, again and again while the database is away and the lease holds.
    async fn settle(&self, outcome: Outcome) {
        let Job {
            id: job,
            kind,
            attempts,
            ..
        } = &self.job;
        match &outcome {
            Outcome::Finished(Ok(())) => info!(job, kind, attempts, "did a job"),
            Outcome::Finished(Err(failure)) => warn!(job, kind, attempts, ?failure, "a job failed"),
            Outcome::LeaseLost => warn!(job, kind, attempts, "lost the lease on a job and stopped it"),
            Outcome::Stopped => info!(job, kind, attempts, "hands a job back, as the worker stops"),
        }
        loop {
            match self.record(&outcome).await {
                Ok(true) => return,
                Ok(false) => {
                    return warn!(
                        job,
                        "a job was taken over by another worker before its end was recorded"
                    );
                }
                Err(error) if clock::now() < self.held_until => {
                    warn!(job, error = cause(&error), "cannot record the end of a job yet");
                    sleep(backoff::jittered(self.settings.poll)).await;
                }
                Err(error) => {
                    return error!(
                        job,
                        error = cause(&error),
                        "could not record the end of a job; it will be done again"
                    );
                }
            }
        }
    }

    async fn record(&self, outcome: &Outcome) -> Result<bool, Error> {
        let jobs = self.store.jobs();
        let now = clock::now();
        match outcome {
            Outcome::Finished(Ok(())) => jobs.complete(&self.job).await,
            Outcome::Finished(Err(Failure::Again(why))) if self.job.attempts < self.settings.attempts => {
                let wait = length(backoff::after(self.job.attempts, self.settings));
                jobs.fail(&self.job, why, Some(now.plus(wait))).await
            }
            Outcome::Finished(Err(Failure::Again(why) | Failure::Never(why))) => jobs.fail(&self.job, why, None).await,
            Outcome::LeaseLost => Ok(true),
            Outcome::Stopped => jobs.fail(&self.job, "the worker was stopped", Some(now)).await,
        }
    }
}

/// A task that is stopped when nobody waits for it any more.
struct Task(JoinHandle<Result<(), Failure>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a handler answered; a panic is an answer too.
fn answer(ended: Result<Result<(), Failure>, JoinError>) -> Result<(), Failure> {
    ended.unwrap_or_else(|error| {
        let panic = error.try_into_panic().ok();
        let text = panic.as_ref().and_then(|panic| {
            let literal = panic.downcast_ref::<&str>().copied();
            literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        });
        Err(Failure::Again(format!("panicked: {}", text.unwrap_or("no message"))))
    })
}

/// The error as tracing takes it.
pub(crate) fn cause(error: &Error) -> &(dyn std::error::Error + 'static) {
    error
}
