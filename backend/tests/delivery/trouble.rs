//! The bucket is in trouble: players are told in our words, soon, and nothing of the bucket's.

use std::time::Instant;

use reqwest::Method;
use sluice_testkit::s3::{BUCKET, Trouble};

use crate::world::{BOUND, MISSING, NAME, PATH, World, media};

/// What would tell of the bucket.
fn tells_of_the_bucket(text: &str) -> Option<&'static str> {
    [
        "<?xml",
        "<Error",
        "NoSuchKey",
        "SlowDown",
        "X-Amz",
        "Signature",
        "127.0.0.1",
        "nginx",
    ]
    .into_iter()
    .find(|word| text.contains(word))
}

#[tokio::test]
async fn a_segment_that_is_nowhere_is_not_found_in_our_words() {
    let world = World::with("proxy").await;
    let path = PATH.replace(NAME, MISSING);
    for headers in [&[][..], &[("range", "bytes=0-187")]] {
        let answer = world.get(&path, headers).await.is(404);
        assert_eq!(answer.problem().code, "not_found");
        assert_eq!(tells_of_the_bucket(&answer.text), None);
        assert_eq!(answer.count("access-control-allow-origin"), 1);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(world.answer(Method::HEAD, &path, &[]).await.status(), 404);
}

#[tokio::test]
async fn whatever_ails_the_bucket_a_player_is_asked_to_come_again_and_then_served() {
    let world = World::with("proxy").await;
    for trouble in [Trouble::Busy, Trouble::Away, Trouble::Reset, Trouble::Silent] {
        world.plan(move |_| Some(trouble));
        let begun = Instant::now();
        let answer = world.get(PATH, &[]).await.is(503);
        assert!(begun.elapsed() < BOUND, "{trouble:?}");
        assert_eq!(answer.problem().code, "unavailable", "{trouble:?}");
        assert_eq!(tells_of_the_bucket(&answer.text), None, "{trouble:?}");
        assert_eq!(answer.count("access-control-allow-origin"), 1, "{trouble:?}");
        assert!(!answer.header("cache-control").contains("immutable"), "{trouble:?}");
    }
    let log = world.stack.backend_log();
    assert!(log.contains("the object store"), "the operator is told why: {log}");
    world.plan(|_| None);
    assert!(world.get(PATH, &[]).await.is(200).text.as_bytes() == media());
}

#[tokio::test]
async fn a_bucket_that_is_gone_or_refuses_us_is_an_outage_and_no_secret() {
    let world = World::built(|builder| builder.env("S3_SECRET_KEY", "another-secret-0123456789")).await;
    let answer = world.get(PATH, &[]).await.is(503);
    assert_eq!(answer.problem().code, "unavailable");
    assert_eq!(tells_of_the_bucket(&answer.text), None);
    world.gone();
    let answer = world.get(PATH, &[]).await.is(503);
    assert_eq!(answer.problem().code, "unavailable");
    assert_eq!(tells_of_the_bucket(&answer.text), None);
    assert!(!answer.text.contains(BUCKET));
}

#[tokio::test]
async fn a_segment_that_breaks_off_is_never_taken_for_whole_and_comes_whole_the_next_time() {
    let world = World::with("proxy").await;
    world.plan(|_| Some(Trouble::Truncated));
    let answer = world.answer(Method::GET, PATH, &[]).await;
    // Its head promises all of it, and the connection ends before.
    assert!(
        answer.status() != 200 || answer.bytes().await.is_err(),
        "a truncated segment passed for whole"
    );
    world.plan(|_| None);
    assert!(world.get(PATH, &[]).await.is(200).text.as_bytes() == media());
}

#[tokio::test]
async fn while_the_backend_is_away_a_player_is_asked_to_come_again() {
    let mut world = World::with("proxy").await;
    world.stack.kill_backend();
    let answer = world.get(PATH, &[]).await.is(503);
    assert_eq!(answer.problem().code, "unavailable");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
