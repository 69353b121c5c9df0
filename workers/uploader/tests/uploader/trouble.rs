//! Foul weather: nothing is lost, nothing leaves the disk that is not safe, and the operator hears why.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sluice_domain::Millis;
use sluice_store::offload::Place;
use sluice_store::storage::State;
use sluice_testkit::s3::Trouble;
use sluice_testkit::site::bucket;
use sluice_testkit::wait_for;

use crate::world::{BOUND, World};

/// What becomes of a share of all requests, in turn.
fn sometimes(percent: u64, troubles: &'static [Trouble]) -> impl Fn(&sluice_testkit::s3::Request) -> Option<Trouble> {
    let state = AtomicU64::new(0x2545_f491_4f6c_dd1d);
    move |_| {
        // Numbers that look random and are the same each time (xorshift).
        let next = |mut x: u64| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^ (x << 17)
        };
        let before = state
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |x| Some(next(x)))
            .unwrap();
        let drawn = next(before) >> 20;
        (drawn % 100 < percent).then(|| troubles[usize::try_from(drawn / 100).unwrap() % troubles.len()])
    }
}

#[tokio::test]
async fn a_third_of_all_requests_turned_away_loses_nothing() {
    let world = World::new().await;
    world.segments(0..150, 1).await;
    world.front.plan(sometimes(30, &[Trouble::Busy]));
    let uploader = world.uploader(world.settings());
    world.drained().await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn resets_lost_answers_and_successes_that_are_none_lose_nothing() {
    let world = World::new().await;
    world.segments(0..150, 1).await;
    let all = &[
        Trouble::Busy,
        Trouble::Reset,
        Trouble::LostAnswer,
        Trouble::Truncated,
        Trouble::ErrorInSuccess,
        Trouble::Away,
    ];
    world.front.plan(sometimes(40, all));
    let uploader = world.uploader(world.settings());
    world.drained().await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn an_outage_is_told_and_waited_for_and_then_all_of_it_is_made_up() {
    let world = World::new().await;
    world.segments(0..5, 1).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = Arc::clone(&away);
    world
        .front
        .plan(move |_| is_away.load(Ordering::SeqCst).then_some(Trouble::Away));
    // The disk is too full all the while.
    let mut settings = world.full();
    settings.safe_age = Millis(0);
    let uploader = world.uploader(settings);
    let report = world
        .reports("the outage", |report| report.state == State::Waiting)
        .await;
    assert!(report.problem.unwrap().contains("interrupted"));
    world.segments(5..60, 1).await;
    let before = world.front.requests();
    wait_for(BOUND, "it asks again and again", async || {
        (world.front.requests() >= before + 10).then_some(())
    })
    .await;
    assert!(world.places().await.values().all(|place| *place == Place::Disk));
    for msn in 0..60 {
        let name = world.kept(msn).await.unwrap().name;
        assert!(world.archive.path("stage", &name).unwrap().exists(), "{msn}");
    }
    away.store(false, Ordering::SeqCst);
    world.drained().await;
    world.bucket_has_exactly_the_stage().await;
    let report = world
        .reports("the outage is over", |report| report.state == State::Working)
        .await;
    assert!(report.failed_attempts > 0);
    uploader.stop().await;
}

#[tokio::test]
async fn a_store_in_an_outage_is_not_asked_by_everyone_at_once() {
    let world = World::new().await;
    world.segments(0..200, 1).await;
    world.front.plan(|_| Some(Trouble::Busy));
    let mut settings = world.settings();
    settings.retry_longest = std::time::Duration::from_secs(3600);
    settings.retry_first = std::time::Duration::from_secs(3600);
    let uploader = world.uploader(settings);
    let report = world
        .reports("the outage", |report| report.state == State::Waiting)
        .await;
    assert!(report.problem.unwrap().contains("fewer requests"));
    // Sixteen at a time, and what had begun when the sixteenth failed.
    assert!(world.front.requests() <= 32, "{}", world.front.requests());
    uploader.stop().await;
}

#[tokio::test]
async fn a_wrong_secret_is_told_to_the_administrator_and_nothing_leaves_the_disk() {
    let world = World::new().await;
    world.segments(0..20, 600).await;
    let objects = bucket(&world.front.endpoint(), "hunter2-hunter2");
    let uploader = world.uploader_to(objects, world.full());
    let report = world
        .reports("it is stuck", |report| report.state == State::Stuck)
        .await;
    let problem = report.problem.unwrap();
    assert!(
        problem.contains("S3_SECRET_KEY") && !problem.contains("hunter2"),
        "{problem}"
    );
    assert!(world.places().await.values().all(|place| *place == Place::Disk));
    assert!(world.server.objects().is_empty());
    uploader.stop().await;

    let uploader = world.uploader(world.settings());
    world.drained().await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}
