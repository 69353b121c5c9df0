use rstest::rstest;
use sluice_domain::Millis;
use sluice_store::jobs::{Job, New, State};
use sluice_store::{Error, Store};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World};

const MINUTE: Millis = Millis::from_secs(60);

fn job(id: &str) -> New {
    New {
        id: id.to_owned(),
        kind: "clip".to_owned(),
        payload: r#"{"title":"ä"}"#.to_owned(),
        run_at: NOW,
    }
}

async fn lease(store: &Store, owner: &str, now: Millis) -> Option<Job> {
    store
        .jobs()
        .lease(&["clip"], owner, now, now.plus(MINUTE))
        .await
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn a_job_goes_from_queued_to_done(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let leased = lease(&world, "w1", NOW).await.unwrap();
    let expected = Job {
        id: "j1".to_owned(),
        kind: "clip".to_owned(),
        payload: r#"{"title":"ä"}"#.to_owned(),
        state: State::Running,
        attempts: 1,
        owner: Some("w1".to_owned()),
        error: None,
    };
    assert_eq!(leased, expected);
    assert_eq!(world.jobs().by_id("j1").await.unwrap(), Some(expected));
    assert!(world.jobs().complete(&leased).await.unwrap());
    assert_eq!(world.jobs().by_id("j1").await.unwrap().unwrap().state, State::Done);
    assert_eq!(lease(&world, "w1", NOW.plus(NOW)).await, None);
}

#[rstest]
#[tokio::test]
async fn a_job_raced_for_by_eight_is_leased_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let leased = world
        .race(|store, number| async move { lease(&store, &format!("w{number}"), NOW).await })
        .await;
    assert_eq!(leased.iter().flatten().count(), 1, "{leased:?}");
}

#[rstest]
#[tokio::test]
async fn eight_workers_share_out_twenty_jobs_without_doing_one_twice(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::empty(engine).await;
    for number in 0..20 {
        world.jobs().enqueue(&job(&format!("j{number:02}"))).await.unwrap();
    }
    let work = |store: Store, number: usize| async move {
        let mut done = Vec::new();
        while let Some(job) = lease(&store, &format!("w{number}"), NOW).await {
            assert!(store.jobs().complete(&job).await.unwrap());
            done.push(job.id);
        }
        done
    };
    let mut done = world.race(work).await.concat();
    done.sort();
    let expected: Vec<_> = (0..20).map(|number| format!("j{number:02}")).collect();
    assert_eq!(done, expected);
}

#[rstest]
#[tokio::test]
async fn jobs_of_other_kinds_and_of_later_times_are_left(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let kind = "upload".to_owned();
    world.jobs().enqueue(&New { kind, ..job("j1") }).await.unwrap();
    let run_at = NOW.plus(MINUTE);
    world.jobs().enqueue(&New { run_at, ..job("j2") }).await.unwrap();
    assert_eq!(lease(&world, "w1", NOW).await, None);
    assert_eq!(world.jobs().lease(&[], "w1", NOW, NOW).await.unwrap(), None);
    let both = world
        .jobs()
        .lease(&["clip", "upload"], "w1", NOW, NOW.plus(MINUTE))
        .await
        .unwrap();
    assert_eq!(both.unwrap().id, "j1");
    assert_eq!(lease(&world, "w1", run_at).await.unwrap().id, "j2");
}

#[rstest]
#[tokio::test]
async fn the_job_due_longest_goes_first(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    for (id, run_at) in [("j1", 3), ("j2", 1), ("j3", 2), ("j0", 3)] {
        let run_at = Millis(run_at);
        world.jobs().enqueue(&New { run_at, ..job(id) }).await.unwrap();
    }
    let mut order = Vec::new();
    while let Some(job) = lease(&world, "w1", NOW).await {
        order.push(job.id);
    }
    assert_eq!(order, ["j2", "j3", "j0", "j1"]);
}

#[rstest]
#[tokio::test]
async fn the_job_of_a_killed_worker_is_leased_again_when_its_lease_ends(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let doomed = world.other_process().await;
    let lost = lease(&doomed, "w1", NOW).await.unwrap();
    doomed.close().await;
    assert_eq!(lease(&world, "w2", NOW.plus(MINUTE).minus(Millis(1))).await, None);
    let again = lease(&world, "w2", NOW.plus(MINUTE)).await.unwrap();
    assert_eq!((again.id.as_str(), again.attempts), ("j1", 2));

    // Should the first worker only have been asleep, it has no say any more.
    assert!(!world.jobs().heartbeat(&lost, NOW.plus(NOW)).await.unwrap());
    assert!(!world.jobs().complete(&lost).await.unwrap());
    assert!(!world.jobs().fail(&lost, "late", None).await.unwrap());
    assert!(world.jobs().complete(&again).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_lease_is_lost_to_the_same_worker_too(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let hung = lease(&world, "w1", NOW).await.unwrap();
    let again = lease(&world, "w1", NOW.plus(MINUTE)).await.unwrap();
    assert!(!world.jobs().complete(&hung).await.unwrap());
    assert!(world.jobs().complete(&again).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_heartbeat_keeps_a_lease(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let leased = lease(&world, "w1", NOW).await.unwrap();
    assert!(
        world
            .jobs()
            .heartbeat(&leased, NOW.plus(MINUTE).plus(MINUTE))
            .await
            .unwrap()
    );
    assert_eq!(lease(&world, "w2", NOW.plus(MINUTE)).await, None);
    assert!(world.jobs().complete(&leased).await.unwrap());
    assert!(!world.jobs().heartbeat(&leased, NOW).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_failed_job_comes_again_when_told_and_not_after_it_was_given_up(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let first = lease(&world, "w1", NOW).await.unwrap();
    let retry_at = NOW.plus(MINUTE);
    assert!(world.jobs().fail(&first, "disk full 🎛", Some(retry_at)).await.unwrap());
    let waiting = world.jobs().by_id("j1").await.unwrap().unwrap();
    assert_eq!(
        (waiting.state, waiting.error.as_deref()),
        (State::Queued, Some("disk full 🎛"))
    );
    assert_eq!(lease(&world, "w1", NOW).await, None);

    let second = lease(&world, "w1", retry_at).await.unwrap();
    assert_eq!((second.attempts, second.error.as_deref()), (2, Some("disk full 🎛")));
    assert!(world.jobs().fail(&second, "still", None).await.unwrap());
    let given_up = world.jobs().by_id("j1").await.unwrap().unwrap();
    assert_eq!(
        (given_up.state, given_up.error.as_deref()),
        (State::Failed, Some("still"))
    );
    assert_eq!(lease(&world, "w1", NOW.plus(NOW)).await, None);
}

#[rstest]
#[tokio::test]
async fn a_job_is_queued_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.jobs().enqueue(&job("j1")).await.unwrap();
    let again = world.jobs().enqueue(&job("j1")).await;
    assert!(matches!(again, Err(Error::Conflict)), "{again:?}");
}
