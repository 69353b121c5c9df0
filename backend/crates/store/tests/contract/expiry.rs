use rstest::rstest;
use sluice_domain::Millis;
use sluice_domain::clip::Reason;
use sluice_store::channels::Patch;
use sluice_store::expiry::Expired;
use sluice_store::offload::Place;
use sluice_store::segments::Segment;
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::clips::{ROOM, clip_of, leased};
use crate::segments::segment;
use crate::world::{NOW, World, channel};

/// Shows of the stage that begin with these numbers; the last one ends before `end`.
async fn with_shows(engine: Engine, begins: &[i64], end: i64) -> World {
    let world = World::with_a_stage(engine).await;
    let rows = (0..end).map(|msn| Segment {
        starts_show: begins.contains(&msn),
        ..segment(msn)
    });
    world.segments().insert_many(&rows.collect::<Vec<_>>()).await.unwrap();
    world
}

/// What is over when every window ends before the segment of this number.
async fn over(world: &World, before: i64, limit: u32) -> Vec<i64> {
    let before = segment(before).started_at;
    let expired = world.segments().expired(|_| before, limit).await.unwrap();
    expired.into_iter().map(|segment| segment.msn).collect()
}

#[rstest]
#[tokio::test]
async fn what_expired_is_found_oldest_first_but_never_a_channels_newest(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_shows(engine, &[0], 4).await;
    assert_eq!(over(&world, 2, 10).await, [0, 1]);
    assert_eq!(over(&world, 2, 1).await, [0]);
    assert_eq!(over(&world, 100, 10).await, [0, 1, 2]);
    let expired = world.segments().expired(|_| NOW.plus(Millis(1)), 10).await.unwrap();
    let first = Expired {
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        msn: 0,
        name: segment(0).name,
        place: Place::Disk,
        keeps_count: false,
    };
    assert_eq!(expired, [first]);
    let gone = [0, 1, 2].map(|msn| ("stage", msn));
    world.segments().delete(&gone).await.unwrap();
    assert!(over(&world, 100, 10).await.is_empty());
    assert_eq!(world.segments().latest("stage", 10).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn each_channel_has_its_own_window(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_shows(engine, &[0], 6).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    let loft = (0..6).map(|msn| Segment {
        channel_id: "loft".to_owned(),
        session_id: "s2".to_owned(),
        ..segment(msn)
    });
    world.segments().insert_many(&loft.collect::<Vec<_>>()).await.unwrap();
    let patch = Patch {
        dvr_window_hours: Some(Some(7)),
        ..Patch::default()
    };
    world.channels().update("loft", &patch).await.unwrap();
    let before = |own: Option<u32>| segment(if own == Some(7) { 1 } else { 4 }).started_at;
    let expired = world.segments().expired(before, 10).await.unwrap();
    let found: Vec<_> = expired.iter().map(|old| (old.slug.as_str(), old.msn)).collect();
    assert_eq!(
        found,
        [("loft", 0), ("stage", 0), ("stage", 1), ("stage", 2), ("stage", 3)]
    );
}

#[rstest]
#[tokio::test]
async fn kept_shows_stay_and_go_when_they_are_kept_no_more(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_shows(engine, &[0, 3, 6], 9).await;
    let recordings = world.recordings();
    let kept = recordings.find("stage", 3).await.unwrap().unwrap();
    recordings.set_kept(&kept, Some(NOW)).await.unwrap();
    assert_eq!(over(&world, 100, 100).await, [0, 1, 2, 6, 7]);
    assert_eq!(over(&world, 100, 4).await, [0, 1, 2, 6]);
    let newest = recordings.find("stage", 6).await.unwrap().unwrap();
    recordings.set_kept(&newest, Some(NOW)).await.unwrap();
    assert_eq!(over(&world, 100, 100).await, [0, 1, 2]);
    recordings.set_kept(&kept, None).await.unwrap();
    assert_eq!(over(&world, 100, 100).await, [0, 1, 2, 3, 4, 5]);
}

#[rstest]
#[tokio::test]
async fn all_of_a_deleted_show_is_over_at_once_and_its_channels_count_goes_on(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_shows(engine, &[0, 3], 6).await;
    let recordings = world.recordings();
    let newest = recordings.find("stage", 3).await.unwrap().unwrap();
    recordings.set_kept(&newest, Some(NOW)).await.unwrap();
    assert!(recordings.delete(&newest, 5, NOW).await.unwrap());
    for msn in 3..6 {
        let kept = world.offload().find("stage", msn).await.unwrap().unwrap();
        assert_eq!(kept.place, Place::Lost);
    }
    // Nothing brings it back, and what is lost otherwise is still looked for.
    assert!(world.offload().lost("stage", 2).await.unwrap());
    world.offload().look_again().await.unwrap();
    let waiting = world.offload().waiting(10).await.unwrap();
    assert_eq!(waiting.iter().map(|kept| kept.msn).collect::<Vec<_>>(), [2, 1, 0]);

    let expired = world.segments().expired(|_| Millis(0), 10).await.unwrap();
    let found: Vec<_> = expired.iter().map(|old| (old.msn, old.keeps_count)).collect();
    assert_eq!(found, [(3, false), (4, false), (5, true)]);
    world.segments().delete(&[("stage", 3), ("stage", 4)]).await.unwrap();
    world.segments().hollow("stage", 5).await.unwrap();
    assert!(over(&world, 0, 10).await.is_empty());
    assert_eq!(recordings.sweep().await.unwrap(), 0, "the row that counts is its own");
    let next = Segment {
        starts_show: true,
        ..segment(6)
    };
    world.segments().insert_many(&[next]).await.unwrap();
    assert_eq!(over(&world, 0, 10).await, [5]);
    world.segments().delete(&[("stage", 5)]).await.unwrap();
    assert_eq!(recordings.sweep().await.unwrap(), 1);
    assert!(recordings.deleted("stage").await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_a_clip_is_being_made_of_stays_until_the_clip_is_made_or_failed(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_shows(engine, &[0], 9).await;
    let between = |first: i64, last: i64| {
        (
            segment(first).started_at.plus(Millis(1)),
            segment(last).started_at.plus(Millis(1)),
        )
    };
    let clip = clip_of("c1", between(2, 4));
    assert!(world.clips().create(&clip, ROOM).await.unwrap());
    assert_eq!(over(&world, 100, 100).await, [0, 1, 5, 6, 7]);
    assert_eq!(over(&world, 100, 3).await, [0, 1, 5]);
    for msn in 0..8 {
        world.offload().stored("stage", msn, "md5", NOW).await.unwrap();
    }
    let evictable = async || {
        let kept = world.offload().evictable(segment(7).started_at, 100).await.unwrap();
        kept.iter().map(|kept| kept.msn).collect::<Vec<_>>()
    };
    assert_eq!(evictable().await, [0, 1, 5, 6]);

    let job = leased(&world).await;
    assert!(world.clips().start("c1", &job, NOW).await.unwrap());
    assert_eq!(over(&world, 100, 100).await, [0, 1, 5, 6, 7]);
    assert!(world.clips().fail("c1", &job, Reason::TimedOut, NOW).await.unwrap());
    assert_eq!(over(&world, 100, 100).await, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(evictable().await, [0, 1, 2, 3, 4, 5, 6]);
}

#[rstest]
#[tokio::test]
async fn a_show_that_its_owner_deletes_goes_whoever_makes_a_clip_of_it(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_shows(engine, &[0, 3], 6).await;
    let all = (segment(0).started_at, segment(6).started_at);
    assert!(world.clips().create(&clip_of("c1", all), ROOM).await.unwrap());
    let first = world.recordings().find("stage", 0).await.unwrap().unwrap();
    assert!(world.recordings().delete(&first, 2, NOW).await.unwrap());
    assert_eq!(over(&world, 0, 10).await, [0, 1, 2]);
    let range = clip_of("c1", all).range;
    let left = world.clips().pieces("stage", range).await.unwrap();
    assert_eq!(left.iter().map(|piece| piece.msn).collect::<Vec<_>>(), [3, 4, 5]);
}
