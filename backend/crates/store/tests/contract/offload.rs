use rstest::rstest;
use sluice_domain::Millis;
use sluice_store::offload::{Amount, Kept, Place};
use sluice_store::storage::{Report, State};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::segments::segment;
use crate::world::{NOW, World, channel};

const CHECKSUM: &str = "d41d8cd98f00b204e9800998ecf8427e";

async fn with_segments(engine: Engine, numbers: std::ops::Range<i64>) -> World {
    let world = World::with_a_stage(engine).await;
    let segments: Vec<_> = numbers.map(segment).collect();
    world.segments().insert_many(&segments).await.unwrap();
    world
}

fn numbers(kept: &[Kept]) -> Vec<i64> {
    kept.iter().map(|kept| kept.msn).collect()
}

async fn store(world: &World, msn: i64) {
    assert!(world.offload().stored("stage", msn, CHECKSUM, NOW).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_segment_goes_from_disk_to_both_to_the_store(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_segments(engine, 0..1).await;
    let place = async || world.offload().find("stage", 0).await.unwrap().unwrap();
    let on_disk = Kept {
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        msn: 0,
        name: segment(0).name,
        started_at: segment(0).started_at,
        duration_us: 2_000_000,
        bytes: 5_000_000_000,
        place: Place::Disk,
        checksum: None,
    };
    assert_eq!(place().await, on_disk);
    store(&world, 0).await;
    let checksum = Some(CHECKSUM.to_owned());
    let both = Kept {
        place: Place::Both,
        checksum,
        ..on_disk
    };
    assert_eq!(place().await, both);
    // Told again, as after a crash, it is no news.
    assert!(!world.offload().stored("stage", 0, CHECKSUM, NOW).await.unwrap());
    world.offload().evicted(&[("stage", 0)], NOW).await.unwrap();
    assert_eq!(
        place().await,
        Kept {
            place: Place::Store,
            ..both
        }
    );
    assert_eq!(world.offload().find("stage", 1).await.unwrap(), None);
    assert!(!world.offload().stored("stage", 1, CHECKSUM, NOW).await.unwrap());
    assert_eq!(world.segments().latest("stage", 10).await.unwrap(), [segment(0)]);
}

#[rstest]
#[tokio::test]
async fn what_waits_is_taken_newest_first_whatever_channel_it_is_of(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_segments(engine, 0..4).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    let mut newer = segment(9);
    (newer.channel_id, newer.session_id) = ("loft".to_owned(), "s2".to_owned());
    world.segments().insert_many(&[newer]).await.unwrap();
    store(&world, 2).await;
    assert_eq!(numbers(&world.offload().waiting(10).await.unwrap()), [9, 3, 1, 0]);
    assert_eq!(numbers(&world.offload().waiting(2).await.unwrap()), [9, 3]);
}

#[rstest]
#[tokio::test]
async fn only_what_was_stored_may_leave_the_disk_oldest_first(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_segments(engine, 0..6).await;
    for msn in [4, 1, 2] {
        store(&world, msn).await;
    }
    let offload = world.offload();
    assert_eq!(
        numbers(&offload.evictable(segment(4).started_at, 10).await.unwrap()),
        [1, 2]
    );
    assert_eq!(numbers(&offload.evictable(NOW.plus(NOW), 2).await.unwrap()), [1, 2]);
    // A segment that was never stored stays where it is, whatever is said of it.
    offload
        .evicted(&[("stage", 0), ("stage", 1), ("stage", 5)], NOW)
        .await
        .unwrap();
    assert_eq!(numbers(&offload.evictable(NOW.plus(NOW), 10).await.unwrap()), [2, 4]);
    assert_eq!(numbers(&offload.waiting(10).await.unwrap()), [5, 3, 0]);
}

#[rstest]
#[tokio::test]
async fn what_the_store_no_longer_has_waits_again(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_segments(engine, 0..3).await;
    for msn in 0..3 {
        store(&world, msn).await;
    }
    world.offload().evicted(&[("stage", 0)], NOW).await.unwrap();
    world.offload().missed(&[("stage", 0), ("stage", 1)]).await.unwrap();
    let waiting = world.offload().waiting(10).await.unwrap();
    // The first is not on disk any more: there is nothing to put.
    assert_eq!((numbers(&waiting), waiting[0].checksum.as_deref()), (vec![1], None));
    store(&world, 1).await;
}

#[rstest]
#[tokio::test]
async fn a_segment_without_a_file_is_lost_and_waits_no_more(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_segments(engine, 0..2).await;
    store(&world, 0).await;
    assert!(world.offload().lost("stage", 1).await.unwrap());
    assert!(!world.offload().lost("stage", 0).await.unwrap(), "it is in the store");
    assert!(world.offload().waiting(10).await.unwrap().is_empty());
    assert_eq!(
        world.offload().find("stage", 1).await.unwrap().unwrap().place,
        Place::Lost
    );
}

#[rstest]
#[tokio::test]
async fn each_place_is_summed_up(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_segments(engine, 0..5).await;
    assert_eq!(World::empty(engine).await.offload().backlog().await.unwrap(), None);
    store(&world, 1).await;
    store(&world, 3).await;
    world.offload().evicted(&[("stage", 1)], NOW).await.unwrap();
    let amount = |place, segments: i64, oldest: i64| Amount {
        place,
        segments,
        bytes: segments * 5_000_000_000,
        oldest_at: segment(oldest).started_at,
    };
    let expected = [
        amount(Place::Disk, 3, 0),
        amount(Place::Both, 1, 3),
        amount(Place::Store, 1, 1),
    ];
    assert_eq!(world.offload().amounts().await.unwrap(), expected);
    assert_eq!(world.offload().backlog().await.unwrap(), Some(expected[0].clone()));
}

#[rstest]
#[tokio::test]
async fn a_machines_last_report_is_the_one_that_is_told(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let first = Report {
        node: "edge".to_owned(),
        store: "s3://media@https://s3.example.org".to_owned(),
        state: State::Stuck,
        problem: Some("there is no such bucket".to_owned()),
        started_at: NOW,
        reported_at: NOW,
        disk_total_bytes: 9_000_000_000_000,
        disk_free_bytes: 1,
        disk_high_percent: 85,
        disk_low_percent: 75,
        stored_segments: 2,
        stored_bytes: 3,
        failed_attempts: 4,
        evicted_segments: 5,
        evicted_bytes: 6,
        lost_segments: 7,
    };
    let other = Report {
        node: "core".to_owned(),
        ..first.clone()
    };
    let second = Report {
        state: State::Working,
        problem: None,
        reported_at: NOW.plus(Millis(1)),
        ..first.clone()
    };
    for report in [&first, &other, &second] {
        world.storage().report(report).await.unwrap();
    }
    assert_eq!(world.storage().reports().await.unwrap(), [other, second]);
}
