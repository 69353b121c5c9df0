//! A store that is in trouble: what each kind of it is told as, and that nothing is believed that is not so.

use std::fs;

use rstest::rstest;
use sluice_objects::{Fault, Kind, ObjectStore};
use sluice_testkit::s3::{BUCKET, SECRET_KEY, Server, Trouble};

use crate::world::{Behind, settings};

/// The trouble that putting a segment ends in, when every PUT meets this.
async fn putting(trouble: Trouble) -> (Behind, Fault) {
    let world = Behind::a_front().await;
    let (key, file) = world.segment(300_000);
    world
        .front
        .plan(move |request| (request.method == "PUT").then_some(trouble));
    let fault = world.store.put(&key, &file).await.unwrap_err();
    (world, fault)
}

/// The same where the answer to a PUT leaves it open what is there, and whoever asks meets this.
async fn asking(trouble: Trouble) -> Fault {
    let world = Behind::a_front().await;
    let (key, file) = world.segment(300_000);
    world.front.plan(move |request| match request.method == "PUT" {
        true => Some(Trouble::NoChecksum),
        false => Some(trouble),
    });
    world.store.put(&key, &file).await.unwrap_err()
}

#[rstest]
#[case(Trouble::Busy, Kind::Throttled)]
#[case(Trouble::Reset, Kind::Interrupted)]
#[case(Trouble::LostAnswer, Kind::Interrupted)]
#[case(Trouble::Away, Kind::Interrupted)]
#[tokio::test]
async fn trouble_on_the_way_is_worth_another_try(#[case] trouble: Trouble, #[case] kind: Kind) {
    let (world, fault) = putting(trouble).await;
    assert_eq!(fault.kind, kind, "{fault}");
    assert!(fault.kind.is_transient());
    // What was stored although its answer was lost is simply put again.
    world.front.plan(|_| None);
    let (key, file) = world.segment(300_000);
    world.store.put(&key, &file).await.unwrap();
    assert_eq!(world.server.objects()[key.as_str()], fs::read(file).unwrap());
}

#[tokio::test]
async fn a_success_that_carries_an_error_is_not_believed() {
    let (world, fault) = putting(Trouble::ErrorInSuccess).await;
    assert_eq!(
        (fault.kind, fault.kind.is_transient()),
        (Kind::Garbled, true),
        "{fault}"
    );
    assert!(world.server.objects().is_empty());
    let fault = asking(Trouble::ErrorInSuccess).await;
    assert_eq!(fault.kind, Kind::Mismatch, "{fault}");
}

#[tokio::test]
async fn a_store_that_tells_what_it_has_is_not_asked_again() {
    let world = Behind::a_front().await;
    let (key, file) = world.segment(300_000);
    world.store.put(&key, &file).await.unwrap();
    assert_eq!(world.front.requests(), 1);
    world
        .front
        .plan(|request| (request.method == "PUT").then_some(Trouble::NoChecksum));
    world.store.put(&key, &file).await.unwrap();
    assert_eq!(world.front.requests(), 3, "and one that does not is");
}

#[tokio::test]
async fn what_was_put_is_known_again_where_only_one_of_both_checksums_is_told() {
    let world = Behind::a_front().await;
    let (key, file) = world.segment(300_000);
    let digest = world.store.put(&key, &file).await.unwrap();
    for trouble in [Trouble::NoMetadata, Trouble::NoChecksum] {
        world.front.plan(move |_| Some(trouble));
        world.store.verify(&key, digest).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_believed_while_the_store_cannot_be_asked() {
    for trouble in [Trouble::Busy, Trouble::Reset, Trouble::Away] {
        let fault = asking(trouble).await;
        assert!(fault.kind.is_transient(), "{fault}");
    }
}

#[tokio::test]
async fn a_success_that_lists_errors_is_an_error() {
    let world = Behind::a_front().await;
    let (key, file) = world.segment(1_000);
    world.store.put(&key, &file).await.unwrap();
    world
        .front
        .plan(|request| (request.method != "PUT").then_some(Trouble::ErrorInSuccess));
    let fault = world.store.delete(std::slice::from_ref(&key)).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled, "{fault}");
    let fault = world.store.list("", None).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled, "{fault}");
    let fault = world.store.get(&key, None).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Garbled, "{fault}");
    world.front.plan(|_| None);
    assert_eq!(world.store.list("", None).await.unwrap().objects.len(), 1);
}

#[tokio::test]
async fn a_body_cut_short_is_never_taken_for_the_whole() {
    let world = Behind::a_front().await;
    let (key, file) = world.segment(900_000);
    world.store.put(&key, &file).await.unwrap();
    world
        .front
        .plan(|request| (request.method == "GET").then_some(Trouble::Truncated));
    let fault = world.store.get(&key, None).await.unwrap().read().await.unwrap_err();
    assert_eq!(fault.kind, Kind::Interrupted, "{fault}");
}

#[tokio::test]
async fn a_wrong_secret_waits_for_the_operator_and_is_not_repeated() {
    let server = Server::start().await;
    let mut wrong = settings(&server.endpoint());
    wrong.secret_key = "hunter2-hunter2".into();
    let world = Behind::a_front().await;
    let (key, file) = world.segment(1_000);
    let store = ObjectStore::s3(&wrong);
    for fault in [
        store.put(&key, &file).await.unwrap_err(),
        store.head(&key).await.unwrap_err(),
        store.list("", None).await.unwrap_err(),
    ] {
        assert_eq!(
            (fault.kind, fault.kind.is_transient()),
            (Kind::Denied, false),
            "{fault}"
        );
        let said = format!("{fault} {fault:?}");
        assert!(!said.contains("hunter2") && !said.contains(SECRET_KEY), "{said}");
        assert!(!said.contains("Signature="), "{said}");
    }
    assert!(server.objects().is_empty());
}

#[tokio::test]
async fn a_bucket_that_is_not_there_waits_for_the_operator() {
    let server = Server::start().await;
    let mut wrong = settings(&server.endpoint());
    wrong.bucket = format!("no-{BUCKET}");
    // This server makes a bucket with its first object, so it is asked for a list.
    let fault = ObjectStore::s3(&wrong).list("", None).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.kind.is_transient()),
        (Kind::NoBucket, false),
        "{fault}"
    );
    assert!(fault.to_string().contains("S3_BUCKET"), "{fault}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let address = Server::start().await.endpoint();
    let world = Behind::a_front().await;
    let (key, file) = world.segment(1_000);
    let fault = ObjectStore::s3(&settings(&address)).put(&key, &file).await.unwrap_err();
    assert!(fault.kind.is_transient(), "{fault}");
}
