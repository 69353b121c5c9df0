//! Workers on one store: what becomes of jobs whatever becomes of their handlers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a case that cannot set itself up, or finds something else than it expects, shall stop there"
)]

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use sluice_domain::Millis;
use sluice_kit::{Failure, Settings, run};
use sluice_store::Store;
use sluice_store::jobs::{Job, New, State};
use sluice_testkit::databases::{Database, Engine};
use sluice_testkit::wait_for;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

const BOUND: Duration = Duration::from_secs(60);

/// Quick to ask and to try again, patient with everything that takes time.
const QUICK: Settings = Settings {
    poll: Duration::from_millis(20),
    retry_first: Duration::from_millis(1),
    attempts: 3,
    ..Settings::new("worker", &["work"])
};

async fn store() -> (Store, Database) {
    let database = Engine::Sqlite.database();
    (Store::connect(&database.url).await.unwrap(), database)
}

async fn enqueue(store: &Store, id: &str) {
    let new = New {
        id: id.to_owned(),
        kind: "work".to_owned(),
        payload: "{}".to_owned(),
        run_at: Millis(0),
    };
    store.jobs().enqueue(&new).await.unwrap();
}

/// Waits until a job stands so, and gives it.
async fn job(store: &Store, id: &str, state: State) -> Job {
    wait_for(BOUND, &format!("{id} is {state:?}"), async || {
        let job = store.jobs().by_id(id).await.unwrap().unwrap();
        (job.state == state).then_some(job)
    })
    .await
}

/// A worker that runs until it is told to stop.
struct Worker {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts one as another process would: over a connection of its own.
    async fn start<H, F>(database: &Database, settings: Settings, handler: H) -> Self
    where
        H: Fn(Job) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let store = Store::connect(&database.url).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            run(&store, &settings, handler, async { drop(stopped.await) }).await;
        });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn two_workers_share_out_the_jobs_and_do_each_once() {
    let (store, database) = store().await;
    for number in 0..20 {
        enqueue(&store, &format!("j{number}")).await;
    }
    let done = Arc::new(Mutex::new(BTreeMap::<String, u32>::new()));
    let handler = |done: &Arc<Mutex<_>>| {
        let done: Arc<Mutex<BTreeMap<String, u32>>> = done.clone();
        move |job: Job| {
            let done = done.clone();
            async move {
                *done.lock().unwrap().entry(job.id).or_default() += 1;
                Ok(())
            }
        }
    };
    let first = Worker::start(&database, QUICK, handler(&done)).await;
    let second = Worker::start(&database, QUICK, handler(&done)).await;
    for number in 0..20 {
        job(&store, &format!("j{number}"), State::Done).await;
    }
    first.stop().await;
    second.stop().await;
    let done = done.lock().unwrap();
    assert!(done.len() == 20 && done.values().all(|times| *times == 1), "{done:?}");
}

#[tokio::test]
async fn a_handler_that_panics_fails_its_job_and_the_worker_goes_on() {
    let (store, database) = store().await;
    enqueue(&store, "bad").await;
    enqueue(&store, "good").await;
    let worker = Worker::start(&database, QUICK, |job: Job| async move {
        assert!(job.id == "good", "no such file: {}", job.id);
        Ok(())
    });
    let worker = worker.await;
    job(&store, "good", State::Done).await;
    let bad = job(&store, "bad", State::Failed).await;
    assert_eq!(
        (bad.attempts, bad.error.as_deref()),
        (3, Some("panicked: no such file: bad"))
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_failed_job_is_tried_again_and_may_succeed() {
    let (store, database) = store().await;
    enqueue(&store, "flaky").await;
    let worker = Worker::start(&database, QUICK, |job: Job| async move {
        if job.attempts < 3 {
            Err(Failure::Again("the disk is full".to_owned()))
        } else {
            Ok(())
        }
    });
    let worker = worker.await;
    let flaky = job(&store, "flaky", State::Done).await;
    assert_eq!((flaky.attempts, flaky.error), (3, None));
    worker.stop().await;
}

#[tokio::test]
async fn a_job_that_can_never_be_done_is_given_up_at_once() {
    let (store, database) = store().await;
    enqueue(&store, "hopeless").await;
    let never = |_| async { Err(Failure::Never("no such channel".to_owned())) };
    let worker = Worker::start(&database, QUICK, never).await;
    let hopeless = job(&store, "hopeless", State::Failed).await;
    assert_eq!(
        (hopeless.attempts, hopeless.error.as_deref()),
        (1, Some("no such channel"))
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_stopped_at_its_time_limit_and_the_worker_goes_on() {
    let (store, database) = store().await;
    enqueue(&store, "hangs").await;
    enqueue(&store, "later").await;
    let settings = Settings {
        time_limit: Duration::from_millis(200),
        ..QUICK
    };
    let worker = Worker::start(&database, settings, |job: Job| async move {
        if job.id == "hangs" { pending().await } else { Ok(()) }
    });
    let worker = worker.await;
    job(&store, "later", State::Done).await;
    let hangs = job(&store, "hangs", State::Failed).await;
    assert_eq!(
        (hangs.attempts, hangs.error.as_deref()),
        (3, Some("took longer than 0.2 s"))
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_job_that_takes_longer_than_its_lease_stays_with_its_worker() {
    let (store, database) = store().await;
    enqueue(&store, "long").await;
    let settings = Settings {
        lease: Duration::from_secs(9),
        ..QUICK
    };
    // Its work is to take time.
    let handler = |_| async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Ok(())
    };
    let first = Worker::start(&database, settings.clone(), handler).await;
    let second = Worker::start(&database, settings, handler).await;
    assert_eq!(job(&store, "long", State::Done).await.attempts, 1);
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn a_worker_frozen_past_its_lease_loses_the_job_and_has_no_say_when_it_wakes() {
    let (store, database) = store().await;
    enqueue(&store, "frozen").await;
    let lease = Duration::from_secs(1);
    let url = database.url.clone();
    let (thaw, thawed) = mpsc::channel::<()>();
    let (stop, stopped) = oneshot::channel::<()>();
    // A whole thread that stands still inside the handler, heartbeats and all.
    let frozen = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let store = Store::connect(&url).await.unwrap();
            let thawed = Arc::new(Mutex::new(thawed));
            let handler = move |job: Job| {
                let thawed = thawed.clone();
                async move {
                    if job.id == "frozen" {
                        thawed.lock().unwrap().recv().unwrap();
                    }
                    Ok(())
                }
            };
            let name = "frozen-worker";
            run(&store, &Settings { name, lease, ..QUICK }, handler, async {
                drop(stopped.await)
            })
            .await;
        });
    });
    job(&store, "frozen", State::Running).await;
    let second = Worker::start(&database, Settings { lease, ..QUICK }, |_| async { Ok(()) }).await;
    let done = job(&store, "frozen", State::Done).await;
    assert_eq!((done.attempts, done.owner.as_deref()), (2, Some("worker")));
    second.stop().await;

    thaw.send(()).unwrap();
    enqueue(&store, "next").await;
    let next = job(&store, "next", State::Done).await;
    assert_eq!(next.owner.as_deref(), Some("frozen-worker"));
    assert_eq!(store.jobs().by_id("frozen").await.unwrap(), Some(done));
    stop.send(()).unwrap();
    frozen.join().unwrap();
}

#[tokio::test]
async fn a_worker_told_to_stop_ends_its_job_and_takes_no_other() {
    let (store, database) = store().await;
    enqueue(&store, "j1").await;
    enqueue(&store, "j2").await;
    let go_on = Arc::new(Notify::new());
    let waits = go_on.clone();
    let worker = Worker::start(&database, QUICK, move |_| {
        let waits = waits.clone();
        async move {
            waits.notified().await;
            Ok(())
        }
    });
    let worker = worker.await;
    job(&store, "j1", State::Running).await;
    let stopping = tokio::spawn(worker.stop());
    go_on.notify_one();
    stopping.await.unwrap();
    assert_eq!(store.jobs().by_id("j1").await.unwrap().unwrap().state, State::Done);
    assert_eq!(store.jobs().by_id("j2").await.unwrap().unwrap().attempts, 0);
}

#[tokio::test]
async fn a_job_that_does_not_end_in_time_for_the_stop_is_handed_back_at_once() {
    let (store, database) = store().await;
    enqueue(&store, "endless").await;
    let settings = Settings {
        grace: Duration::from_millis(50),
        attempts: 1,
        ..QUICK
    };
    let worker = Worker::start(&database, settings, |_| pending()).await;
    job(&store, "endless", State::Running).await;
    worker.stop().await;
    let handed_back = store.jobs().by_id("endless").await.unwrap().unwrap();
    assert_eq!(handed_back.state, State::Queued);
    let next = Worker::start(&database, QUICK, |_| async { Ok(()) }).await;
    job(&store, "endless", State::Done).await;
    next.stop().await;
}

#[tokio::test]
async fn a_job_that_kills_its_workers_is_given_up_without_killing_another() {
    let (store, database) = store().await;
    enqueue(&store, "poison").await;
    for _ in 0..QUICK.attempts {
        // A worker that leases and is never heard of again.
        let leased = store
            .jobs()
            .lease(&["work"], "victim", Millis(1), Millis(1))
            .await
            .unwrap();
        assert!(leased.is_some());
    }
    let worker = Worker::start(&database, QUICK, |_| async { panic!("poisoned") }).await;
    let poison = job(&store, "poison", State::Failed).await;
    assert_eq!(poison.error.as_deref(), Some("every attempt ended without a word"));
    worker.stop().await;
}
