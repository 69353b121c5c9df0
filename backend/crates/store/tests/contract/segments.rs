use rstest::rstest;
use sluice_domain::Millis;
use sluice_store::Error;
use sluice_store::segments::Segment;
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World, channel};

/// A segment of the stage; each begins two seconds after the one before.
pub(crate) fn segment(msn: i64) -> Segment {
    Segment {
        channel_id: "stage".to_owned(),
        msn,
        session_id: "s1".to_owned(),
        seq: msn,
        name: format!("20270115-080000-{msn:08}"),
        started_at: NOW.plus(Millis::from_secs(2 * msn)),
        duration_us: 2_000_000,
        bytes: 5_000_000_000,
        discontinuity: msn == 0,
        discontinuity_seq: 1,
        target_s: 2,
        starts_show: false,
    }
}

fn numbers(segments: &[Segment]) -> Vec<i64> {
    segments.iter().map(|segment| segment.msn).collect()
}

#[rstest]
#[tokio::test]
async fn segments_are_read_back_in_their_order(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let written: Vec<_> = [2, 0, 1, 3].map(segment).into();
    world.segments().insert_many(&written).await.unwrap();
    let read = world.segments().latest("stage", 3).await.unwrap();
    assert_eq!(read, [segment(1), segment(2), segment(3)]);
    assert!(world.segments().latest("loft", 3).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_channel_is_emptied_of_all_but_the_segment_that_keeps_its_count(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    world.segments().clear("stage").await.unwrap();
    // More than are forgotten at once, with a gap as retention leaves it.
    let written: Vec<_> = (7..40).chain(3000..5010).map(segment).collect();
    world.segments().insert_many(&written).await.unwrap();
    world.segments().clear("stage").await.unwrap();
    assert_eq!(numbers(&world.segments().latest("stage", 10).await.unwrap()), [5009]);
    world.segments().clear("stage").await.unwrap();
    assert_eq!(numbers(&world.segments().latest("stage", 10).await.unwrap()), [5009]);
}

#[rstest]
#[tokio::test]
async fn writing_segments_again_changes_nothing(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.segments().insert_many(&[]).await.unwrap();
    world.segments().insert_many(&[segment(0), segment(1)]).await.unwrap();
    let altered = Segment { bytes: 1, ..segment(1) };
    world
        .segments()
        .insert_many(&[segment(0), altered, segment(2)])
        .await
        .unwrap();
    world.segments().insert_many(&[segment(2)]).await.unwrap();
    let read = world.segments().latest("stage", 10).await.unwrap();
    assert_eq!(read, [segment(0), segment(1), segment(2)]);
}

#[rstest]
#[tokio::test]
async fn a_whole_backlog_is_written_at_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let backlog: Vec<_> = (0..1_234).map(segment).collect();
    world.segments().insert_many(&backlog[100..150]).await.unwrap();
    world.segments().insert_many(&backlog).await.unwrap();
    assert_eq!(world.segments().latest("stage", 2_000).await.unwrap(), backlog);
    let old: Vec<_> = (0..1_000).map(|msn| ("stage", msn)).collect();
    world.segments().delete(&old).await.unwrap();
    assert_eq!(world.segments().latest("stage", 2_000).await.unwrap(), backlog[1_000..]);
}

#[rstest]
#[tokio::test]
async fn a_place_in_a_session_is_given_to_one_segment(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    assert_eq!(world.segments().last_seq("s1").await.unwrap(), None);
    world.segments().insert_many(&[segment(0), segment(7)]).await.unwrap();
    assert_eq!(world.segments().last_seq("s1").await.unwrap(), Some(7));
    let twice = Segment { msn: 8, ..segment(7) };
    let refused = world.segments().insert_many(&[twice, segment(9)]).await;
    assert!(matches!(refused, Err(Error::Conflict)), "{refused:?}");
    assert_eq!(numbers(&world.segments().latest("stage", 10).await.unwrap()), [0, 7]);
}

#[rstest]
#[tokio::test]
async fn channels_count_apart(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    let elsewhere = Segment {
        channel_id: "loft".to_owned(),
        session_id: "s2".to_owned(),
        ..segment(0)
    };
    world
        .segments()
        .insert_many(&[segment(0), elsewhere.clone(), segment(1)])
        .await
        .unwrap();
    assert_eq!(world.segments().latest("loft", 10).await.unwrap(), [elsewhere]);
    world.segments().delete(&[("loft", 0), ("loft", 1)]).await.unwrap();
    assert_eq!(numbers(&world.segments().latest("stage", 10).await.unwrap()), [0, 1]);
}
