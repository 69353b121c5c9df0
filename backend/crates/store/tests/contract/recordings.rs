use rstest::rstest;
use sluice_domain::Millis;
use sluice_store::offload::Place;
use sluice_store::recordings::{Extent, Recording, Span};
use sluice_store::segments::Segment;
use sluice_store::storage::Taken;
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use sqlx::{MySqlPool, PgPool, SqlitePool};

use crate::segments::segment;
use crate::world::{NOW, World, channel};

const ALL: Millis = Millis(0);

/// A segment that begins a show.
fn first(msn: i64) -> Segment {
    Segment {
        starts_show: true,
        ..segment(msn)
    }
}

/// Shows that begin with these numbers; the last one ends before `end`.
async fn with_shows(engine: Engine, begins: &[i64], end: i64) -> World {
    let world = World::with_a_stage(engine).await;
    let rows = (begins[0]..end).map(|msn| Segment {
        starts_show: begins.contains(&msn),
        ..segment(msn)
    });
    world.segments().insert_many(&rows.collect::<Vec<_>>()).await.unwrap();
    world
}

fn began(shows: &[Recording]) -> Vec<i64> {
    shows.iter().map(|show| show.first_msn).collect()
}

async fn all(world: &World) -> Vec<Recording> {
    world.recordings().list("stage", None, None, 100).await.unwrap()
}

async fn show(world: &World, first_msn: i64) -> Recording {
    world.recordings().find("stage", first_msn).await.unwrap().unwrap()
}

#[rstest]
#[tokio::test]
async fn a_show_reaches_to_the_next_and_is_listed_newest_first(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_shows(engine, &[0, 5, 6], 10).await;
    // Written again, as after a crash.
    world.segments().insert_many(&[first(5)]).await.unwrap();
    let expected = |first_msn: i64, last_msn| Recording {
        channel_id: "stage".to_owned(),
        first_msn,
        last_msn,
        started_at: segment(first_msn).started_at,
        title: None,
        kept_at: None,
        deleted_at: None,
    };
    let shows = [expected(6, None), expected(5, Some(5)), expected(0, Some(4))];
    assert_eq!(all(&world).await, shows);
    let recordings = world.recordings();
    assert_eq!(began(&recordings.list("stage", None, None, 2).await.unwrap()), [6, 5]);
    assert_eq!(
        began(&recordings.list("stage", None, Some(6), 2).await.unwrap()),
        [5, 0]
    );
    let to = Some(segment(5).started_at);
    assert_eq!(began(&recordings.list("stage", to, None, 9).await.unwrap()), [0]);
    assert!(recordings.list("loft", None, None, 9).await.unwrap().is_empty());
    assert_eq!(recordings.find("stage", 4).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn what_there_is_of_a_show_is_summed_up(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_shows(engine, &[0, 4], 10).await;
    let offload = world.offload();
    for msn in 0..3 {
        assert!(offload.stored("stage", msn, "00", NOW).await.unwrap());
    }
    offload.evicted(&[("stage", 1)], NOW).await.unwrap();
    assert!(offload.lost("stage", 3).await.unwrap());
    let size = segment(0).bytes;
    let whole = Extent {
        first_msn: 0,
        last_msn: 3,
        started_at: segment(0).started_at,
        ended_at: segment(4).started_at,
        segments: 4,
        sessions: 1,
        duration_us: 6_000_000,
        bytes: 3 * size,
        disk_bytes: 2 * size,
        stored_bytes: 3 * size,
    };
    let recordings = world.recordings();
    let old = show(&world, 0).await;
    assert_eq!(recordings.extent(&old, ALL).await.unwrap().as_ref(), Some(&whole));
    let late = recordings.extent(&old, segment(2).started_at).await.unwrap().unwrap();
    assert_eq!((late.first_msn, late.segments, late.bytes), (2, 2, size));
    assert_eq!(recordings.extent(&old, segment(4).started_at).await.unwrap(), None);
    let newest = recordings.extent(&show(&world, 4).await, ALL).await.unwrap().unwrap();
    assert_eq!((newest.first_msn, newest.last_msn), (4, 9));
}

#[rstest]
#[tokio::test]
async fn a_shows_segments_are_read_in_their_order_page_by_page(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_shows(engine, &[0, 3], 8).await;
    let old = show(&world, 0).await;
    let newest = show(&world, 3).await;
    let read = async |show: &Recording, from: Millis, after, limit| {
        let pieces = world.recordings().pieces(show, from, after, limit).await.unwrap();
        pieces.into_iter().map(|piece| piece.msn).collect::<Vec<_>>()
    };
    assert_eq!(read(&old, ALL, -1, 9).await, [0, 1, 2]);
    assert_eq!(read(&newest, ALL, -1, 2).await, [3, 4]);
    assert_eq!(read(&newest, ALL, 4, 2).await, [5, 6]);
    assert_eq!(read(&newest, segment(5).started_at, -1, 9).await, [5, 6, 7]);
    let piece = world.recordings().pieces(&old, ALL, 1, 1).await.unwrap().remove(0);
    let second = segment(2);
    assert_eq!(
        (piece.name, piece.bytes, piece.place),
        (second.name, second.bytes, Place::Disk)
    );
}

#[rstest]
#[tokio::test]
async fn a_shows_breaks_are_between_sessions_at_holes_and_where_it_is_lost(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    let mut rows: Vec<_> = (0..12).map(segment).collect();
    rows[0].starts_show = true;
    // Another session after seven seconds of silence, and a hole in the index.
    for row in &mut rows[4..] {
        row.session_id = "s2".to_owned();
        row.started_at = row.started_at.plus(Millis(7_000));
    }
    rows[4].discontinuity = true;
    let at = |msn: usize| rows[msn].started_at;
    let (from, to) = (at(3).plus(Millis(2_000)), at(4));
    let expected = [
        Span { from, to },
        Span { from: at(6), to: at(8) },
        Span {
            from: at(9),
            to: at(10),
        },
    ];
    let written: Vec<_> = rows.iter().filter(|row| !(6..8).contains(&row.msn)).cloned().collect();
    world.segments().insert_many(&written).await.unwrap();
    assert!(world.offload().lost("stage", 9).await.unwrap());
    let show = show(&world, 0).await;
    let extent = world.recordings().extent(&show, ALL).await.unwrap().unwrap();
    assert_eq!(extent.sessions, 2);
    let mut breaks = world.recordings().breaks(&show, &extent).await.unwrap();
    breaks.sort_by_key(|span| span.from);
    assert_eq!(breaks, expected);
}

#[rstest]
#[tokio::test]
async fn what_an_owner_says_of_a_show_is_remembered_until_it_is_deleted(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_shows(engine, &[0, 5], 10).await;
    let recordings = world.recordings();
    let old = show(&world, 0).await;
    assert!(recordings.set_kept(&old, Some(NOW)).await.unwrap());
    assert!(recordings.set_title(&old, Some("Première 🎬")).await.unwrap());
    let kept = show(&world, 0).await;
    assert_eq!((kept.kept_at, kept.title.as_deref()), (Some(NOW), Some("Première 🎬")));
    assert!(recordings.set_kept(&old, None).await.unwrap());
    assert!(recordings.set_title(&old, None).await.unwrap());
    assert_eq!(show(&world, 0).await, old);

    let newest = show(&world, 5).await;
    assert!(recordings.delete(&newest, 9, NOW).await.unwrap());
    assert!(!recordings.delete(&newest, 9, NOW).await.unwrap());
    assert!(!recordings.set_kept(&newest, Some(NOW)).await.unwrap());
    assert_eq!(began(&all(&world).await), [0]);
    assert_eq!(recordings.find("stage", 5).await.unwrap(), None);
    let deleted = recordings.deleted("stage").await.unwrap();
    assert_eq!((deleted[0].first_msn, deleted[0].last_msn), (5, Some(9)));
    // The next show does not move the end of the deleted one.
    world.segments().insert_many(&[first(10)]).await.unwrap();
    assert_eq!(recordings.deleted("stage").await.unwrap(), deleted);
}

#[rstest]
#[tokio::test]
async fn a_show_of_which_nothing_is_left_is_forgotten_and_the_newest_never(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = with_shows(engine, &[0, 2, 4], 5).await;
    let gone: Vec<_> = [0, 1, 2].map(|msn| ("stage", msn)).into();
    world.segments().delete(&gone).await.unwrap();
    assert_eq!(world.recordings().sweep().await.unwrap(), 1);
    assert_eq!(began(&all(&world).await), [4, 2]);
    world.segments().delete(&[("stage", 4)]).await.unwrap();
    assert_eq!(world.recordings().sweep().await.unwrap(), 0);
    world.channels().delete("stage").await.unwrap();
    assert!(all(&world).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn shows_from_before_there_were_shows_are_taken_in_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    // The first one's own beginning is gone already.
    let rows: Vec<_> = (3..12).map(segment).collect();
    world.segments().insert_many(&rows).await.unwrap();
    mark_the_eighth(engine, &world.database.url).await;
    assert_eq!(world.recordings().adopt().await.unwrap(), 2);
    assert_eq!(world.recordings().adopt().await.unwrap(), 0);
    let shows = all(&world).await;
    assert_eq!(began(&shows), [7, 3]);
    assert_eq!((shows[0].last_msn, shows[1].last_msn), (None, Some(6)));
    assert_eq!(shows[1].started_at, segment(3).started_at);
}

/// Marks a segment as the first of a show, as the release before would have written it.
async fn mark_the_eighth(engine: Engine, url: &str) {
    let mark = "UPDATE segments SET starts_show = 1 WHERE msn = 7";
    match engine {
        Sqlite => drop(
            sqlx::query(mark)
                .execute(&SqlitePool::connect(url).await.unwrap())
                .await,
        ),
        Postgres => drop(sqlx::query(mark).execute(&PgPool::connect(url).await.unwrap()).await),
        MariaDb => drop(sqlx::query(mark).execute(&MySqlPool::connect(url).await.unwrap()).await),
    }
}

#[rstest]
#[tokio::test]
async fn what_a_channel_takes_is_summed_up_with_what_is_kept(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = with_shows(engine, &[0, 4], 7).await;
    assert!(
        World::empty(engine)
            .await
            .storage()
            .by_channel()
            .await
            .unwrap()
            .is_empty()
    );
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    for msn in 0..4 {
        assert!(world.offload().stored("stage", msn, "00", NOW).await.unwrap());
    }
    world.offload().evicted(&[("stage", 0)], NOW).await.unwrap();
    assert!(world.offload().lost("stage", 6).await.unwrap());
    let size = segment(0).bytes;
    let taken = |kept: i64| Taken {
        slug: "stage".to_owned(),
        title: "The stage".to_owned(),
        segments: 6,
        disk_bytes: 5 * size,
        stored_bytes: 4 * size,
        kept_bytes: kept * size,
    };
    assert_eq!(world.storage().by_channel().await.unwrap(), [taken(0)]);
    for (first_msn, kept) in [(0, 4), (4, 6)] {
        let show = show(&world, first_msn).await;
        world.recordings().set_kept(&show, Some(NOW)).await.unwrap();
        assert_eq!(world.storage().by_channel().await.unwrap(), [taken(kept)]);
    }
}
