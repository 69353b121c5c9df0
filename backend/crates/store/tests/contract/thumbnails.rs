use rstest::rstest;
use sluice_domain::{EndReason, Millis, storyboard};
use sluice_store::thumbnailing::{At, NewLive, NewPoster, NewSheet, Version};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::segments::segment;
use crate::world::{NOW, World, session};

const LATER: Millis = Millis(NOW.0 + 60_000);
const NEVER: Millis = Millis(i64::MAX);

fn at(now: Millis) -> At {
    At {
        now,
        due: now.plus(Millis(1000)),
    }
}

fn object(name: &str) -> String {
    format!("_thumbnails/stage/storyboards/20270115/{name}.jpg")
}

fn live(object: &str) -> NewLive<'_> {
    NewLive {
        channel_id: "stage",
        object,
        taken_at: NOW,
        msn: 0,
    }
}

/// A sheet of the first five minutes, with a picture of each of these segments.
fn sheet<'a>(object: Option<&'a str>, numbers: &[i64]) -> NewSheet<'a> {
    NewSheet {
        channel_id: "stage",
        started_at: storyboard::sheet(NOW),
        object,
        bytes: object.map(|_| 5),
        tiles: numbers.iter().map(|msn| (segment(*msn).started_at, *msn)).collect(),
        segments: (numbers[0], numbers[numbers.len() - 1]),
    }
}

impl World {
    /// A stage whose show, the first of these numbers and the ones that start another, is recorded.
    async fn recorded(engine: Engine, numbers: std::ops::Range<i64>, starts: &[i64]) -> Self {
        let world = Self::with_a_stage(engine).await;
        let rows: Vec<_> = numbers
            .map(|msn| sluice_store::segments::Segment {
                starts_show: starts.contains(&msn),
                ..segment(msn)
            })
            .collect();
        world.segments().insert_many(&rows).await.unwrap();
        world
    }

    /// Makes a sheet in place of what there is, and says whether that was taken.
    async fn sheet(&self, name: &str, numbers: &[i64], before: Option<&Version>, now: Millis) -> bool {
        let object = object(name);
        self.thumbnails().reserve(&object, LATER).await.unwrap();
        let new = sheet(Some(&object), numbers);
        self.thumbnails().show_sheet(&new, before, at(now)).await.unwrap()
    }

    async fn waste(&self) -> Vec<String> {
        let mut waste = self.thumbnails().waste(NEVER, 100).await.unwrap();
        waste.sort();
        waste
    }

    async fn lacking(&self) -> Vec<sluice_store::thumbnailing::Lacking> {
        let all = (Millis(0), NOW.plus(Millis::from_secs(1_000_000)));
        self.thumbnails().lacking(all, NEVER, 100).await.unwrap()
    }

    /// The names of the stage's sheets, with how many pictures each has.
    async fn sheets(&self) -> Vec<(String, usize)> {
        let sheets = self.thumbnails().sheets("stage", Millis(0), NEVER).await.unwrap();
        sheets
            .into_iter()
            .map(|sheet| (sheet.name, sheet.tiles.len()))
            .collect()
    }
}

#[rstest]
#[tokio::test]
async fn what_is_shown_is_taken_over_and_what_it_replaces_is_waste(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..3, &[0]).await;
    let thumbnails = world.thumbnails();
    let (first, second) = (object("a"), object("b"));
    assert!(
        !thumbnails.show_live(&live(&first), None, at(NOW)).await.unwrap(),
        "it is not reserved"
    );
    thumbnails.reserve(&first, LATER).await.unwrap();
    assert!(thumbnails.show_live(&live(&first), None, at(NOW)).await.unwrap());
    assert!(world.waste().await.is_empty());
    let shown = thumbnails.live(&["stage", "loft"]).await.unwrap();
    assert_eq!((shown.len(), shown[0].name.as_str(), shown[0].taken_at), (1, "a", NOW));

    thumbnails.reserve(&second, LATER).await.unwrap();
    let before = Version {
        object: Some(first.clone()),
        made_at: NOW,
    };
    // Nobody takes over what they have not seen.
    assert!(!thumbnails.show_live(&live(&second), None, at(LATER)).await.unwrap());
    assert!(
        thumbnails
            .show_live(&live(&second), Some(&before), at(LATER))
            .await
            .unwrap()
    );
    assert!(
        !thumbnails
            .show_live(&live(&second), Some(&before), at(LATER))
            .await
            .unwrap()
    );
    assert_eq!(world.waste().await, std::slice::from_ref(&first));
    assert!(
        thumbnails.waste(LATER, 100).await.unwrap().is_empty(),
        "it is not due yet"
    );
    thumbnails.removed(&[first]).await.unwrap();
    assert!(world.waste().await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_live_channels_edge_is_its_shows_newest_segment(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::recorded(engine, 0..3, &[0]).await;
    let edges = async || world.thumbnails().edges().await.unwrap();
    assert!(edges().await.is_empty());
    world.publish_sessions().create(&session("s1")).await.unwrap();
    let found = edges().await;
    assert_eq!(
        (found.len(), found[0].newest.msn, found[0].shown.as_ref()),
        (1, 2, None)
    );
    let a = object("a");
    world.thumbnails().reserve(&a, LATER).await.unwrap();
    assert!(world.thumbnails().show_live(&live(&a), None, at(NOW)).await.unwrap());
    let shown = edges().await.remove(0).shown.unwrap();
    assert_eq!((shown.object, shown.made_at), (Some(a.clone()), NOW));

    world.thumbnails().retire(LATER, at(NOW)).await.unwrap();
    assert_eq!(world.thumbnails().live(&["stage"]).await.unwrap().len(), 1);
    let end = EndReason::EndedByEncoder;
    world.publish_sessions().end("s1", end, NOW).await.unwrap();
    assert!(edges().await.is_empty());
    world.thumbnails().retire(NOW.minus(Millis(1)), at(NOW)).await.unwrap();
    assert_eq!(
        world.thumbnails().live(&["stage"]).await.unwrap().len(),
        1,
        "it may come back"
    );
    world.thumbnails().retire(NOW, at(NOW)).await.unwrap();
    assert!(world.thumbnails().live(&["stage"]).await.unwrap().is_empty());
    assert_eq!(world.waste().await, [a]);
}

#[rstest]
#[tokio::test]
async fn a_sheet_lacks_what_was_recorded_since_it_was_made(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    // Five minutes and a half.
    let world = World::recorded(engine, 0..165, &[0]).await;
    let lacking = world.lacking().await;
    let starts: Vec<_> = lacking.iter().map(|sheet| sheet.started_at).collect();
    let first = storyboard::sheet(NOW);
    assert_eq!(starts, [first.plus(storyboard::SHEET), first], "newest first");
    assert!(
        lacking
            .iter()
            .all(|sheet| sheet.made.is_none() && sheet.slug == "stage")
    );
    let all = (Millis(0), first.plus(storyboard::SHEET));
    let settled = world
        .thumbnails()
        .lacking(all, first.minus(Millis(1)), 9)
        .await
        .unwrap();
    assert!(settled.is_empty(), "it began just now");
    assert_eq!(world.thumbnails().pieces("stage", first).await.unwrap().len(), 150);
    let newest = world.thumbnails().newest_before(first.plus(Millis(1))).await.unwrap();
    assert_eq!(newest, Some(NOW));
    assert_eq!(world.thumbnails().newest_before(NOW).await.unwrap(), None);

    assert!(world.sheet("a", &[0, 5], None, NOW).await);
    let again = world.lacking().await.pop().unwrap();
    let (before, tiles) = again.made.unwrap();
    assert_eq!(tiles, [segment(0).started_at, segment(5).started_at]);
    assert!(world.sheet("b", &[0, 5, 149], Some(&before), LATER).await);
    assert_eq!(world.sheets().await, [("b".to_owned(), 3)]);
    assert_eq!(world.waste().await, [object("a")]);
    assert_eq!(world.lacking().await.len(), 1, "the second one");

    // What stays the same is only noted.
    let b = object("b");
    let before = Version {
        object: Some(b.clone()),
        made_at: LATER,
    };
    let same = sheet(Some(&b), &[0, 5, 149]);
    assert!(
        world
            .thumbnails()
            .show_sheet(&same, Some(&before), at(NOW))
            .await
            .unwrap()
    );
    assert_eq!(world.waste().await, [object("a")]);
    let sheets = async |from, until| world.thumbnails().sheets("stage", from, until).await.unwrap().len();
    let end = first.plus(storyboard::SHEET);
    assert_eq!(
        (sheets(end.minus(Millis(1)), NEVER).await, sheets(end, NEVER).await),
        (1, 0)
    );
    assert_eq!(
        (
            sheets(Millis(0), first).await,
            sheets(Millis(0), NOW.plus(Millis(1))).await
        ),
        (0, 1)
    );
}

#[rstest]
#[tokio::test]
async fn five_minutes_without_a_picture_are_not_looked_at_again(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::recorded(engine, 0..3, &[0]).await;
    let nothing = NewSheet {
        tiles: Vec::new(),
        ..sheet(None, &[0, 2])
    };
    assert!(world.thumbnails().show_sheet(&nothing, None, at(NOW)).await.unwrap());
    assert!(world.lacking().await.is_empty());
    assert!(world.sheets().await.is_empty());
    world.segments().insert_many(&[segment(3)]).await.unwrap();
    let before = world.lacking().await.remove(0).made.unwrap().0;
    assert_eq!(before.object, None);
    assert!(world.sheet("a", &[0, 3], Some(&before), LATER).await);
    assert_eq!(world.sheets().await, [("a".to_owned(), 2)]);
}

#[rstest]
#[tokio::test]
async fn of_many_who_make_the_same_one_is_taken_and_nothing_is_lost_sight_of(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..3, &[0]).await;
    assert!(world.sheet("old", &[0], None, NOW).await);
    let taken = world
        .race(|store, number| async move {
            let object = object(&format!("new-{number}"));
            store.thumbnails().reserve(&object, LATER).await.unwrap();
            let before = Version {
                object: Some(self::object("old")),
                made_at: NOW,
            };
            let new = sheet(Some(&object), &[0, 2]);
            store
                .thumbnails()
                .show_sheet(&new, Some(&before), at(LATER))
                .await
                .unwrap()
        })
        .await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    assert_eq!(world.sheets().await.len(), 1);
    assert_eq!(world.waste().await.len(), 8, "the old one and seven of the new ones");
}

#[rstest]
#[tokio::test]
async fn a_deleted_show_is_seen_no_more_and_what_shared_its_sheet_is_made_anew(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..10, &[0, 6]).await;
    let thumbnails = world.thumbnails();
    assert!(world.sheet("a", &[0, 5, 9], None, NOW).await);
    let unposted = thumbnails.unposted(9).await.unwrap();
    let shows: Vec<_> = unposted.iter().map(|found| found.show.first_msn).collect();
    assert_eq!((shows, unposted[0].slug.as_str()), (vec![6, 0], "stage"));
    for found in &unposted {
        let name = object(&format!("p{}", found.show.first_msn));
        thumbnails.reserve(&name, LATER).await.unwrap();
        let new = NewPoster {
            show: &found.show,
            object: Some(&name),
            taken_at: NOW,
            msn: found.show.first_msn,
        };
        assert!(thumbnails.show_poster(&new, at(NOW)).await.unwrap());
        assert!(!thumbnails.show_poster(&new, at(NOW)).await.unwrap());
    }
    assert!(thumbnails.unposted(9).await.unwrap().is_empty());
    assert_eq!(thumbnails.posters("stage", &[0, 6, 7]).await.unwrap().len(), 2);

    let late = sheet(Some("late"), &[0, 5]);
    thumbnails.reserve("late", LATER).await.unwrap();
    let before = Version {
        object: Some(object("a")),
        made_at: NOW,
    };
    assert!(world.recordings().delete(&unposted[1].show, 5, NOW).await.unwrap());
    assert!(world.sheets().await.is_empty());
    let left = thumbnails.posters("stage", &[0, 6]).await.unwrap();
    assert_eq!((left.len(), left[0].first_msn, left[0].name.as_str()), (1, 6, "p6"));
    assert_eq!(
        thumbnails.waste(NOW, 9).await.unwrap().len(),
        2,
        "a sheet and a poster, at once"
    );
    // Whoever was about to show it comes too late.
    assert!(!thumbnails.show_sheet(&late, Some(&before), at(NOW)).await.unwrap());
    assert!(!thumbnails.show_sheet(&late, None, at(NOW)).await.unwrap());
    assert_eq!(world.lacking().await.len(), 1);
    assert_eq!(
        thumbnails.pieces("stage", storyboard::sheet(NOW)).await.unwrap().len(),
        4
    );
    assert!(world.sheet("b", &[6, 9], None, LATER).await);
}

#[rstest]
#[tokio::test]
async fn a_show_that_has_no_picture_is_not_looked_at_again(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::recorded(engine, 0..3, &[0]).await;
    let show = world.thumbnails().unposted(1).await.unwrap().remove(0).show;
    let new = NewPoster {
        show: &show,
        object: None,
        taken_at: NOW,
        msn: 0,
    };
    assert!(world.thumbnails().show_poster(&new, at(NOW)).await.unwrap());
    assert!(world.thumbnails().unposted(1).await.unwrap().is_empty());
    assert!(world.thumbnails().posters("stage", &[0]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn sheets_and_posters_stay_as_long_as_anything_that_they_show(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..10, &[0]).await;
    assert!(world.sheet("a", &[0, 5], None, NOW).await);
    world.segments().delete(&[("stage", 0), ("stage", 1)]).await.unwrap();
    world.thumbnails().retire(NOW, at(NOW)).await.unwrap();
    assert_eq!(world.sheets().await.len(), 1);
    for msn in 2..6 {
        world.segments().delete(&[("stage", msn)]).await.unwrap();
    }
    world.thumbnails().retire(NOW, at(NOW)).await.unwrap();
    assert!(world.sheets().await.is_empty());
    assert_eq!(world.waste().await, [object("a")]);
}

#[rstest]
#[tokio::test]
async fn a_deleted_channels_pictures_are_waste_at_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::recorded(engine, 0..10, &[0]).await;
    let (l, p) = (object("l"), object("p"));
    assert!(world.sheet("a", &[0, 5], None, NOW).await);
    world.thumbnails().reserve(&l, LATER).await.unwrap();
    assert!(world.thumbnails().show_live(&live(&l), None, at(NOW)).await.unwrap());
    let show = world.thumbnails().unposted(1).await.unwrap().remove(0).show;
    world.thumbnails().reserve(&p, LATER).await.unwrap();
    let poster = NewPoster {
        show: &show,
        object: Some(&p),
        taken_at: NOW,
        msn: 0,
    };
    assert!(world.thumbnails().show_poster(&poster, at(NOW)).await.unwrap());
    assert!(world.channels().delete("stage").await.unwrap());
    let mut waste = world.thumbnails().waste(NOW, 9).await.unwrap();
    waste.sort();
    assert_eq!(waste, [object("a"), l, p]);
    assert!(!world.channels().delete("stage").await.unwrap());
}

#[rstest]
#[tokio::test]
async fn what_loses_its_last_segment_while_others_are_retired_is_waste_too(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    const SHEETS: i64 = 80;
    let world = World::recorded(engine, 0..SHEETS, &[0]).await;
    let mut objects: Vec<String> = (0..SHEETS).map(|n| object(&format!("{n:02}"))).collect();
    for (n, object) in (0..SHEETS).zip(&objects) {
        world.thumbnails().reserve(object, LATER).await.unwrap();
        let new = NewSheet {
            started_at: storyboard::sheet(NOW).plus(Millis(n * storyboard::SHEET.0)),
            ..sheet(Some(object), &[n])
        };
        assert!(world.thumbnails().show_sheet(&new, None, at(NOW)).await.unwrap());
    }
    world
        .race(|store, number| async move {
            for msn in (0..SHEETS).filter(|msn| *msn % 4 == number as i64 % 4) {
                if number < 4 {
                    store.segments().delete(&[("stage", msn)]).await.unwrap();
                } else {
                    store.thumbnails().retire(NOW, at(NOW)).await.unwrap();
                }
            }
        })
        .await;
    world.thumbnails().retire(NOW, at(NOW)).await.unwrap();
    assert!(world.sheets().await.is_empty());
    objects.sort();
    assert_eq!(world.waste().await, objects);
}

#[rstest]
#[tokio::test]
async fn a_deletion_that_did_not_come_to_its_end_is_carried_through(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..10, &[0, 6]).await;
    world.segments().delete(&[("stage", 3)]).await.unwrap();
    let show = world.thumbnails().unposted(9).await.unwrap().remove(1).show;
    assert!(world.recordings().delete(&show, 5, NOW).await.unwrap());
    let due = async || world.thumbnails().waste(NOW, 9).await.unwrap();
    // One of its segments is recorded late, as if it had not been lost with the others.
    world.segments().insert_many(&[segment(3)]).await.unwrap();
    assert!(world.sheet("late", &[3, 9], None, LATER).await);
    world.thumbnails().retire(NOW, at(NOW)).await.unwrap();
    assert_eq!((world.sheets().await.len(), due().await), (0, vec![object("late")]));
    // A sheet of before, as if it had not been forgotten.
    let before = object("before");
    world.thumbnails().reserve(&before, LATER).await.unwrap();
    let shared = NewSheet {
        segments: (0, 9),
        ..sheet(Some(&before), &[6, 9])
    };
    assert!(world.thumbnails().show_sheet(&shared, None, at(NOW)).await.unwrap());
    world.thumbnails().retire(NOW, at(NOW)).await.unwrap();
    assert_eq!((world.sheets().await.len(), due().await.len()), (0, 2));
    // What was made since, of what is left, stays.
    assert!(world.sheet("since", &[6, 9], None, LATER).await);
    world.thumbnails().retire(NOW, at(LATER)).await.unwrap();
    assert_eq!(world.sheets().await, [("since".to_owned(), 2)]);
}

#[rstest]
#[tokio::test]
async fn what_a_channel_was_shown_by_before_can_be_due_sooner(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let others = "_thumbnails/stage-two/live/20270115/a.jpg";
    let due = [(object("a"), LATER), (object("b"), NOW), (others.to_owned(), LATER)];
    for (object, due) in &due {
        world.thumbnails().reserve(object, *due).await.unwrap();
    }
    let soon = NOW.plus(Millis(5));
    world.thumbnails().hasten("_thumbnails/stage/", soon).await.unwrap();
    let waste = async |now| world.thumbnails().waste(now, 9).await.unwrap();
    assert_eq!(waste(NOW).await, [object("b")]);
    assert_eq!(waste(soon).await, [object("b"), object("a")]);
    assert_eq!(waste(LATER).await.len(), 3);
}

#[rstest]
#[tokio::test]
async fn a_show_of_which_something_is_left_has_candidates_for_its_poster(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..10, &[0, 5]).await;
    let thumbnails = world.thumbnails();
    let mut shows = thumbnails.unposted(9).await.unwrap();
    let (second, first) = (shows.remove(0).show, shows.remove(0).show);
    for msn in [0, 1, 4, 5, 6, 7, 8, 9] {
        assert!(world.offload().lost("stage", msn).await.unwrap());
    }
    let left = thumbnails.unposted(9).await.unwrap();
    let left: Vec<i64> = left.iter().map(|unposted| unposted.show.first_msn).collect();
    assert_eq!(left, [0], "nothing is left of the second");
    let pieces = async |show, from| {
        let pieces = thumbnails.pieces_from(show, from, 3).await.unwrap();
        pieces.into_iter().map(|piece| piece.msn).collect::<Vec<_>>()
    };
    assert_eq!(pieces(&first, NOW).await, [2, 3]);
    assert_eq!(pieces(&first, segment(3).started_at).await, [3]);
    assert_eq!(thumbnails.newest_piece(&first).await.unwrap().unwrap().msn, 3);
    assert_eq!(thumbnails.newest_piece(&second).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn of_sheets_that_grow_the_one_that_lacks_something_for_longest_is_the_first(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::recorded(engine, 0..165, &[0]).await;
    let first = storyboard::sheet(NOW);
    let growing = async || {
        let growing = world.thumbnails().growing(Millis(0), NEVER, 9).await.unwrap();
        growing.iter().map(|sheet| sheet.started_at).collect::<Vec<_>>()
    };
    let second = first.plus(storyboard::SHEET);
    assert_eq!(growing().await, [first, second]);
    let made_at = second.plus(LATER.minus(NOW));
    assert!(world.sheet("a", &[0, 5], None, made_at).await);
    assert_eq!(growing().await, [second, first]);
}
