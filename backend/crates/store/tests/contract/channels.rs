use rstest::rstest;
use sluice_domain::{Access, ClipPolicy, Dvr, EndReason, Rewind};
use sluice_store::Error;
use sluice_store::channels::{Audience, Channel, Filter, New, Patch};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::segments::segment;
use crate::world::{NOW, World, account, channel, session};

async fn slugs(world: &World, filter: Filter<'_>) -> Vec<String> {
    let filter = Filter { limit: 10, ..filter };
    let page = world.channels().list(&filter).await.unwrap();
    page.items.into_iter().map(|channel| channel.slug).collect()
}

#[rstest]
#[tokio::test]
async fn a_channel_is_read_back_with_its_owners_name(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let new = New {
        description: "ä\n".repeat(1000),
        access: Access::Unlisted,
        takeover: true,
        ..channel("loft", "ann")
    };
    world.channels().create(&new).await.unwrap();
    let expected = Channel {
        id: "loft".to_owned(),
        slug: "loft".to_owned(),
        owner_id: "ann".to_owned(),
        owner_name: "ann".to_owned(),
        title: "The loft".to_owned(),
        description: "ä\n".repeat(1000),
        access: Access::Unlisted,
        takeover: true,
        rewind: Rewind::default(),
        clips: ClipPolicy::SignedIn,
        created_at: NOW,
    };
    assert_eq!(
        world.channels().by_slug("loft").await.unwrap().as_ref(),
        Some(&expected)
    );
    assert_eq!(world.channels().by_id("loft").await.unwrap(), Some(expected));
    assert_eq!(world.channels().by_slug("cellar").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_slug_has_one_channel_and_a_channel_an_owner(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let slug = "stage".to_owned();
    let taken = world
        .channels()
        .create(&New {
            slug,
            ..channel("other", "ann")
        })
        .await;
    assert!(matches!(taken, Err(Error::Conflict)), "{taken:?}");
    let ownerless = world.channels().create(&channel("other", "nobody")).await;
    assert!(matches!(ownerless, Err(Error::Missing)), "{ownerless:?}");
}

#[rstest]
#[tokio::test]
async fn a_patch_changes_what_it_names_and_no_more(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let before = world.channels().by_id("stage").await.unwrap().unwrap();
    assert!(world.channels().update("stage", &Patch::default()).await.unwrap());
    assert_eq!(world.channels().by_id("stage").await.unwrap(), Some(before.clone()));

    let title = Some("Neu".to_owned());
    let takeover = Some(true);
    let patch = Patch {
        title,
        takeover,
        ..Patch::default()
    };
    assert!(world.channels().update("stage", &patch).await.unwrap());
    let expected = Channel {
        title: "Neu".to_owned(),
        takeover: true,
        ..before
    };
    assert_eq!(world.channels().by_id("stage").await.unwrap(), Some(expected));
    let query = Some("NEU");
    assert_eq!(
        slugs(
            &world,
            Filter {
                query,
                ..Filter::default()
            }
        )
        .await,
        ["stage"]
    );

    let rest = Patch {
        description: Some("About".to_owned()),
        access: Some(Access::Unlisted),
        ..Patch::default()
    };
    assert!(world.channels().update("stage", &rest).await.unwrap());
    let stage = world.channels().by_id("stage").await.unwrap().unwrap();
    assert_eq!((stage.title.as_str(), stage.description.as_str()), ("Neu", "About"));
    assert_eq!(stage.access, Access::Unlisted);
    assert!(!world.channels().update("cellar", &rest).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn lists_show_what_their_filter_asks(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.accounts().create(&account("bob")).await.unwrap();
    let access = Access::Unlisted;
    world
        .channels()
        .create(&New {
            access,
            ..channel("attic", "ann")
        })
        .await
        .unwrap();
    world.channels().create(&channel("cellar", "bob")).await.unwrap();
    world.publish_sessions().create(&session("s1")).await.unwrap();

    let all = Filter::default();
    let owned = |owner| Filter {
        owner: Some(owner),
        ..Filter::default()
    };
    let seen_by = |audience| Filter {
        audience,
        ..Filter::default()
    };
    let live = |live| Filter {
        live: Some(live),
        ..Filter::default()
    };
    let found = |query| Filter {
        query: Some(query),
        ..Filter::default()
    };
    let everything = Filter {
        owner: Some("ann"),
        audience: Audience::Account("bob"),
        live: Some(true),
        query: Some("sta"),
        cursor: Some("z"),
        limit: 10,
    };
    for (filter, expected) in [
        (all, vec!["stage", "cellar", "attic"]),
        (owned("ann"), vec!["stage", "attic"]),
        (seen_by(Audience::Everyone), vec!["stage", "cellar"]),
        (seen_by(Audience::Account("bob")), vec!["stage", "cellar"]),
        (seen_by(Audience::Account("ann")), vec!["stage", "cellar", "attic"]),
        (seen_by(Audience::Administrator), vec!["stage", "cellar", "attic"]),
        (live(true), vec!["stage"]),
        (live(false), vec!["cellar", "attic"]),
        (found("THE C"), vec!["cellar"]),
        (everything, vec!["stage"]),
    ] {
        let asked = format!("{filter:?}");
        assert_eq!(slugs(&world, filter).await, expected, "{asked}");
    }

    world
        .publish_sessions()
        .end("s1", EndReason::EndedByEncoder, NOW)
        .await
        .unwrap();
    assert!(slugs(&world, live(true)).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn pages_stay_true_while_channels_come_and_go(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    for number in 1..=5 {
        world
            .channels()
            .create(&channel(&format!("c{number}"), "ann"))
            .await
            .unwrap();
    }
    let first = world
        .channels()
        .list(&Filter {
            limit: 2,
            ..Filter::default()
        })
        .await
        .unwrap();
    // The cursor's own channel goes, and a new one comes: the next page begins where the first ended.
    assert_eq!(first.next_cursor.as_deref(), Some("c5"));
    world.channels().delete("c5").await.unwrap();
    world.channels().create(&channel("z9", "ann")).await.unwrap();
    let cursor = first.next_cursor.as_deref();
    let second = world
        .channels()
        .list(&Filter {
            cursor,
            limit: 3,
            ..Filter::default()
        })
        .await
        .unwrap();
    let ids: Vec<_> = second.items.iter().map(|channel| channel.id.as_str()).collect();
    assert_eq!(
        (ids, second.next_cursor.as_deref()),
        (vec!["c4", "c3", "c2"], Some("c2"))
    );
}

#[rstest]
#[tokio::test]
async fn a_deleted_channel_takes_all_its_rows_along(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.publish_sessions().create(&session("s1")).await.unwrap();
    world.segments().insert_many(&[segment(0)]).await.unwrap();
    assert!(world.channels().delete("stage").await.unwrap());
    assert!(!world.channels().delete("stage").await.unwrap());

    assert_eq!(world.stream_keys().by_hash("hash-of-key").await.unwrap(), None);
    assert_eq!(world.publish_sessions().by_id("s1").await.unwrap(), None);
    assert!(world.segments().latest("stage", 10).await.unwrap().is_empty());
    let late = world.segments().insert_many(&[segment(1)]).await;
    assert!(matches!(late, Err(Error::Missing)), "{late:?}");
}

#[rstest]
#[tokio::test]
async fn who_may_rewind_and_how_far_is_told_of_all_channels_that_there_are(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    let change = async |dvr, hours| {
        let patch = Patch {
            dvr,
            dvr_window_hours: hours,
            ..Patch::default()
        };
        world.channels().update("stage", &patch).await.unwrap();
        let rewind = world.channels().by_id("stage").await.unwrap().unwrap().rewind;
        let rewinds = world.channels().rewinds().await.unwrap();
        assert_eq!((rewinds["stage"], rewinds["loft"]), (rewind, Rewind::default()));
        (rewind.dvr, rewind.window_hours)
    };
    assert_eq!(change(Some(Dvr::SignedIn), None).await, (Dvr::SignedIn, None));
    assert_eq!(change(None, Some(Some(48))).await, (Dvr::SignedIn, Some(48)));
    assert_eq!(change(Some(Dvr::Everyone), None).await, (Dvr::Everyone, Some(48)));
    assert_eq!(change(None, Some(None)).await, (Dvr::Everyone, None));
    world.channels().delete("stage").await.unwrap();
    let left: Vec<String> = world.channels().rewinds().await.unwrap().into_keys().collect();
    assert_eq!(left, ["loft"]);
}
