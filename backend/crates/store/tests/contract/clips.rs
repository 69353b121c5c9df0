use rstest::rstest;
use sluice_domain::clip::{Mode, Range, Reason, State};
use sluice_domain::{ClipPolicy, Millis};
use sluice_store::channels::Patch;
use sluice_store::clips::{Audience, Clip, Filter, Made, New, Order, Retried, Room};
use sluice_store::jobs::{self, Job};
use sluice_store::{Error, Store};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::segments::segment;
use crate::world::{NOW, World, account, channel};

pub(crate) const ROOM: Room = Room {
    of_account: 3,
    of_channel: 10,
};

/// Ann's clip of the stage, between two moments; its job is `job-` and its id.
pub(crate) fn clip_of(id: &str, (start, end): (Millis, Millis)) -> New {
    New {
        id: id.to_owned(),
        job_id: format!("job-{id}"),
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        account_id: Some("ann".to_owned()),
        title: Some("Über".to_owned()),
        mode: Mode::Accurate,
        range: Range::new(start, end, 3600).unwrap(),
        run_at: NOW,
        created_at: NOW,
    }
}

fn clip(id: &str) -> New {
    clip_of(id, (NOW, NOW.plus(Millis(2500))))
}

/// Takes the job of a clip that is due longest.
pub(crate) async fn leased(store: &Store) -> Job {
    let until = NOW.plus(Millis(60_000));
    let job = store.jobs().lease(&[jobs::CLIP], "clipper", NOW, until).await;
    job.unwrap().unwrap()
}

fn made() -> Made {
    Made {
        actual_start_at: NOW.minus(Millis(40)),
        duration_ms: 2540,
        bytes: 1_000_000,
        width: Some(1920),
        height: Some(1080),
        frame_rate_milli: Some(29_970),
    }
}

async fn found(world: &World, id: &str) -> Clip {
    world.clips().by_id(id).await.unwrap().unwrap()
}

async fn ids(world: &World, filter: &Filter<'_>) -> Vec<String> {
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    let page = world
        .clips()
        .list(&Filter {
            limit,
            ..filter.clone()
        })
        .await
        .unwrap();
    page.items.into_iter().map(|clip| clip.id).collect()
}

#[rstest]
#[tokio::test]
async fn a_clip_goes_from_asked_for_to_ready(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    assert!(world.clips().create(&clip("c1"), ROOM).await.unwrap());
    let asked = found(&world, "c1").await;
    let expected = Clip {
        id: "c1".to_owned(),
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        channel_title: "The stage".to_owned(),
        owner_id: "ann".to_owned(),
        account_id: Some("ann".to_owned()),
        account_name: Some("ann".to_owned()),
        title: Some("Über".to_owned()),
        mode: Mode::Accurate,
        state: State::Queued,
        start_at: NOW,
        end_at: NOW.plus(Millis(2500)),
        progress: 0,
        made: None,
        reason: None,
        created_at: NOW,
        ready_at: None,
        updated_at: NOW,
    };
    assert_eq!(asked, expected);

    let job = leased(&world).await;
    let order: Order = serde_json::from_str(&job.payload).unwrap();
    assert_eq!((job.id.as_str(), order), ("job-c1", asked.order()));
    assert!(world.clips().start("c1", &job, NOW).await.unwrap());
    assert!(world.clips().progress("c1", &job, 420, NOW).await.unwrap());
    let running = found(&world, "c1").await;
    assert_eq!((running.state, running.progress), (State::Running, 420));

    let later = NOW.plus(Millis(900));
    assert!(world.clips().ready("c1", &job, &made(), later).await.unwrap());
    let ready = Clip {
        state: State::Ready,
        progress: 1000,
        made: Some(made()),
        ready_at: Some(later),
        updated_at: later,
        ..expected
    };
    assert_eq!(found(&world, "c1").await, ready);
    assert!(!world.clips().fail("c1", &job, Reason::Internal, later).await.unwrap());
    let (ready, nobody) = (ready, "c2".to_owned());
    let both = world.clips().by_ids(&["c1".to_owned(), nobody]).await.unwrap();
    assert_eq!(both, [ready]);
    assert!(world.clips().by_ids(&[]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_clip_and_its_job_are_there_together_or_not_at_all(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let mut second = clip("c2");
    second.job_id = "job-c1".to_owned();
    assert!(world.clips().create(&clip("c1"), ROOM).await.unwrap());
    let again = world.clips().create(&second, ROOM).await;
    assert!(matches!(again, Err(Error::Conflict)), "{again:?}");
    assert_eq!(world.clips().by_id("c2").await.unwrap(), None);

    let mut elsewhere = clip("c3");
    elsewhere.channel_id = "gone".to_owned();
    assert!(!world.clips().create(&elsewhere, ROOM).await.unwrap());
    assert_eq!(world.jobs().by_id("job-c3").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn of_eight_clips_asked_for_at_once_only_as_many_are_taken_as_there_is_room_for(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    let taken = world
        .race(|store, number| async move { store.clips().create(&clip(&format!("c{number}")), ROOM).await.unwrap() })
        .await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 3);
    assert_eq!(ids(&world, &Filter::default()).await.len(), 3);

    // Strangers count on the channel; who has had theirs made may ask for more.
    let stranger = |id: &str| New {
        account_id: None,
        ..clip(id)
    };
    let room = Room { of_channel: 4, ..ROOM };
    assert!(world.clips().create(&stranger("s1"), room).await.unwrap());
    assert!(!world.clips().create(&stranger("s2"), room).await.unwrap());
    let job = leased(&world).await;
    let order: Order = serde_json::from_str(&job.payload).unwrap();
    assert!(world.clips().start(&order.clip, &job, NOW).await.unwrap());
    assert!(!world.clips().create(&stranger("s2"), room).await.unwrap());
    assert!(world.clips().ready(&order.clip, &job, &made(), NOW).await.unwrap());
    assert!(world.clips().create(&clip("c9"), room).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn only_the_newest_lease_has_a_say(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let clips = world.clips();
    clips.create(&clip("c1"), ROOM).await.unwrap();
    let lost = leased(&world).await;
    assert!(!clips.progress("c1", &lost, 1, NOW).await.unwrap(), "it has not begun");
    assert!(clips.start("c1", &lost, NOW).await.unwrap());
    let later = NOW.plus(Millis(60_000));
    let until = later.plus(Millis(60_000));
    let newest = world
        .jobs()
        .lease(&[jobs::CLIP], "other", later, until)
        .await
        .unwrap()
        .unwrap();
    assert!(clips.start("c1", &newest, later).await.unwrap());
    assert!(!clips.start("c1", &lost, later).await.unwrap());
    assert!(!clips.progress("c1", &lost, 1, later).await.unwrap());
    assert!(!clips.ready("c1", &lost, &made(), later).await.unwrap());
    assert!(!clips.fail("c1", &lost, Reason::Internal, later).await.unwrap());
    assert!(!clips.put_back("c1", &lost, later).await.unwrap());
    assert!(clips.progress("c1", &newest, 5000, later).await.unwrap());
    assert_eq!(found(&world, "c1").await.progress, 1000);
    assert!(clips.put_back("c1", &newest, later).await.unwrap());
    assert_eq!(found(&world, "c1").await.state, State::Queued);
    assert!(clips.start("c1", &newest, later).await.unwrap());
    assert!(clips.ready("c1", &newest, &made(), later).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_clip_that_failed_is_tried_again_by_a_job_of_its_own(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let clips = world.clips();
    clips.create(&clip("c1"), ROOM).await.unwrap();
    let first = leased(&world).await;
    clips.start("c1", &first, NOW).await.unwrap();
    let before = found(&world, "c1").await;
    assert_eq!(
        clips.retry(&before, "job-2", ROOM, NOW).await.unwrap(),
        Retried::NotFailed,
        "it is in the making"
    );
    assert_eq!(world.jobs().by_id("job-2").await.unwrap(), None);
    assert!(clips.fail("c1", &first, Reason::DiskFull, NOW).await.unwrap());
    assert!(world.jobs().fail(&first, "disk full", None).await.unwrap());
    assert_eq!(found(&world, "c1").await.reason, Some(Reason::DiskFull));

    for full in [Room { of_account: 0, ..ROOM }, Room { of_channel: 0, ..ROOM }] {
        assert_eq!(clips.retry(&before, "job-2", full, NOW).await.unwrap(), Retried::NoRoom);
    }
    assert_eq!(world.jobs().by_id("job-2").await.unwrap(), None);
    assert_eq!(clips.retry(&before, "job-2", ROOM, NOW).await.unwrap(), Retried::Queued);
    assert_eq!(
        clips.retry(&before, "job-3", ROOM, NOW).await.unwrap(),
        Retried::NotFailed,
        "once"
    );
    let again = found(&world, "c1").await;
    assert_eq!((again.state, again.reason), (State::Queued, None));
    let second = leased(&world).await;
    assert!(!clips.start("c1", &first, NOW).await.unwrap());
    assert!(clips.start("c1", &second, NOW).await.unwrap());
    assert!(clips.ready("c1", &second, &made(), NOW).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_clip_whose_job_died_without_a_word_has_failed(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    for id in ["c1", "c2"] {
        world.clips().create(&clip(id), ROOM).await.unwrap();
    }
    let job = leased(&world).await;
    world.clips().start("c1", &job, NOW).await.unwrap();
    assert_eq!(world.clips().give_up_orphans(NOW).await.unwrap(), 0);
    world
        .jobs()
        .fail(&job, "every attempt ended without a word", None)
        .await
        .unwrap();
    assert_eq!(world.clips().give_up_orphans(NOW).await.unwrap(), 1);
    let given_up = found(&world, "c1").await;
    assert_eq!(
        (given_up.state, given_up.reason),
        (State::Failed, Some(Reason::Internal))
    );
    assert_eq!(found(&world, "c2").await.state, State::Queued);
}

#[rstest]
#[tokio::test]
async fn a_clip_is_renamed_and_deleted_and_its_objects_are_left_to_a_job(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    let clips = world.clips();
    clips.create(&clip("c1"), ROOM).await.unwrap();
    assert!(clips.rename("c1", Some("Zugabe"), NOW).await.unwrap());
    assert_eq!(found(&world, "c1").await.title.as_deref(), Some("Zugabe"));
    assert!(clips.rename("c1", None, NOW).await.unwrap());
    let there = found(&world, "c1").await;
    assert_eq!(there.title, None);
    assert!(!clips.rename("c2", None, NOW).await.unwrap());

    let job = leased(&world).await;
    clips.start("c1", &job, NOW).await.unwrap();
    assert!(clips.delete(&there, "job-2", NOW).await.unwrap());
    assert!(!clips.delete(&there, "job-3", NOW).await.unwrap());
    assert_eq!(clips.by_id("c1").await.unwrap(), None);
    assert!(!clips.ready("c1", &job, &made(), NOW).await.unwrap());
    let removal = world.jobs().by_id("job-2").await.unwrap().unwrap();
    assert_eq!(removal.kind, jobs::REMOVE_CLIP);
    assert_eq!(serde_json::from_str::<Order>(&removal.payload).unwrap(), there.order());
    assert_eq!(world.jobs().by_id("job-3").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn others_find_what_is_ready_and_everybody_their_own(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.accounts().create(&account("bob")).await.unwrap();
    world.channels().create(&channel("loft", "bob")).await.unwrap();
    for (id, channel_id, account_id) in [
        ("c1", "stage", Some("ann")),
        ("c2", "stage", Some("bob")),
        ("c3", "loft", Some("bob")),
        ("c4", "stage", None),
    ] {
        let new = New {
            channel_id: channel_id.to_owned(),
            slug: channel_id.to_owned(),
            account_id: account_id.map(ToOwned::to_owned),
            ..clip(id)
        };
        assert!(world.clips().create(&new, ROOM).await.unwrap());
    }
    let job = leased(&world).await;
    world.clips().start("c1", &job, NOW).await.unwrap();
    world.clips().ready("c1", &job, &made(), NOW).await.unwrap();

    let stage = Filter {
        channel: Some("stage"),
        ..Filter::default()
    };
    let audience = |audience| Filter {
        audience,
        ..stage.clone()
    };
    assert_eq!(ids(&world, &stage).await, ["c4", "c2", "c1"]);
    assert_eq!(ids(&world, &audience(Audience::Everyone)).await, ["c1"]);
    assert_eq!(ids(&world, &audience(Audience::Account("bob"))).await, ["c2", "c1"]);
    let mine = Filter {
        account: Some("bob"),
        ..Filter::default()
    };
    assert_eq!(ids(&world, &mine).await, ["c3", "c2"]);
    world.clips().rename("c3", Some("50% ÜBER all"), NOW).await.unwrap();
    for (query, expected) in [
        ("über", vec!["c4", "c3", "c2", "c1"]),
        ("50%", vec!["c3"]),
        ("LOFT", vec!["c3"]),
    ] {
        let search = Filter {
            query: Some(query),
            ..Filter::default()
        };
        assert_eq!(ids(&world, &search).await, expected, "{query}");
    }
    let first = world
        .clips()
        .list(&Filter {
            limit: 2,
            ..stage.clone()
        })
        .await
        .unwrap();
    assert_eq!(first.next_cursor.as_deref(), Some("c2"));
    let second = Filter {
        cursor: Some("c2"),
        ..stage.clone()
    };
    assert_eq!(ids(&world, &second).await, ["c1"]);
}

#[rstest]
#[tokio::test]
async fn a_range_is_cut_from_the_segments_that_meet_it(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let segments: Vec<_> = (0..6).map(segment).collect();
    world.segments().insert_many(&segments).await.unwrap();
    let starts = |msn: i64| segment(msn).started_at;
    let range = |start, end| Range::new(start, end, 3600).unwrap();
    let pieces = async |range| {
        let pieces = world.clips().pieces("stage", range).await.unwrap();
        pieces.iter().map(|piece| piece.msn).collect::<Vec<_>>()
    };
    assert_eq!(pieces(range(starts(1), starts(3))).await, [1, 2]);
    let inside = range(starts(1).plus(Millis(1)), starts(3).plus(Millis(1)));
    assert_eq!(pieces(inside).await, [1, 2, 3]);
    world.offload().lost("stage", 2).await.unwrap();
    assert_eq!(pieces(inside).await, [1, 3]);
    assert!(pieces(range(starts(0).minus(Millis(9000)), starts(0))).await.is_empty());

    let is_there = async |range, from| world.clips().is_recorded("stage", range, from).await.unwrap();
    assert!(is_there(inside, starts(3)).await);
    assert!(!is_there(inside, starts(4)).await, "the window has passed over it");
    assert!(
        !is_there(range(starts(2), starts(2).plus(Millis(1))), Millis(0)).await,
        "it is lost"
    );
}

#[rstest]
#[tokio::test]
async fn what_is_kept_can_be_cut_beyond_the_window(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let mut segments: Vec<_> = (0..4).map(segment).collect();
    segments[0].starts_show = true;
    segments[2].starts_show = true;
    world.segments().insert_many(&segments).await.unwrap();
    let of = |msn: i64| Range::new(segment(msn).started_at, segment(msn).started_at.plus(Millis(1)), 9).unwrap();
    let first = world.recordings().find("stage", 0).await.unwrap().unwrap();
    world.recordings().set_kept(&first, Some(NOW)).await.unwrap();
    let never = Millis(i64::MAX);
    assert!(world.clips().is_recorded("stage", of(1), never).await.unwrap());
    assert!(!world.clips().is_recorded("stage", of(2), never).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn clips_go_with_their_channel(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.clips().create(&clip("c1"), ROOM).await.unwrap();
    world.channels().delete("stage").await.unwrap();
    assert_eq!(world.clips().by_id("c1").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn who_may_clip_a_channel_is_for_its_owner_to_say(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let policy = async || world.channels().by_id("stage").await.unwrap().unwrap().clips;
    assert_eq!(policy().await, ClipPolicy::SignedIn);
    let patch = Patch {
        clips: Some(ClipPolicy::Owner),
        ..Patch::default()
    };
    assert!(world.channels().update("stage", &patch).await.unwrap());
    assert_eq!(policy().await, ClipPolicy::Owner);
}
