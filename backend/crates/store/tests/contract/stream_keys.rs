use rstest::rstest;
use sluice_domain::{EndReason, Millis, Role};
use sluice_store::Error;
use sluice_store::channels::Patch;
use sluice_store::stream_keys::{KeyFacts, New, StreamKey};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World, channel, key, session};

#[rstest]
#[tokio::test]
async fn a_key_is_listed_newest_first_with_all_but_its_hash(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    world.stream_keys().create(&key("key-2", "stage")).await.unwrap();
    world.stream_keys().create(&key("key-3", "loft")).await.unwrap();
    let listed = world.stream_keys().list("stage").await.unwrap();
    let expected = |id: &str| StreamKey {
        id: id.to_owned(),
        label: format!("OBS {id}"),
        hint: "wxyz".to_owned(),
        created_at: NOW,
        last_used_at: None,
        revoked_at: None,
    };
    assert_eq!(listed, [expected("key-2"), expected("key")]);
}

#[rstest]
#[tokio::test]
async fn a_key_opens_one_channel_that_must_exist(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let key_hash = "hash-of-key".to_owned();
    let twice = world
        .stream_keys()
        .create(&New {
            key_hash,
            ..key("key-2", "stage")
        })
        .await;
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
    let nowhere = world.stream_keys().create(&key("key-3", "cellar")).await;
    assert!(matches!(nowhere, Err(Error::Missing)), "{nowhere:?}");
}

#[rstest]
#[tokio::test]
async fn of_several_keys_each_is_found_with_its_own_channel(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    world.stream_keys().create(&key("key-2", "loft")).await.unwrap();
    world.stream_keys().create(&key("key-3", "loft")).await.unwrap();
    let asked = ["hash-of-key-2", "unknown", "hash-of-key", "hash-of-key-2"];
    let found = world.stream_keys().by_hashes(&asked).await.unwrap();
    let mut channels: Vec<_> = found
        .iter()
        .map(|(hash, facts)| (hash.as_str(), facts.slug.as_str()))
        .collect();
    channels.sort_unstable();
    assert_eq!(channels, [("hash-of-key", "stage"), ("hash-of-key-2", "loft")]);
}

#[rstest]
#[tokio::test]
async fn a_key_is_revoked_once_by_its_own_channel_only(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.stream_keys().create(&key("key-2", "stage")).await.unwrap();
    assert_eq!(world.stream_keys().count_active("stage").await.unwrap(), 2);
    assert!(!world.stream_keys().revoke("cellar", "key", NOW).await.unwrap());
    assert!(world.stream_keys().revoke("stage", "key", NOW).await.unwrap());
    assert!(!world.stream_keys().revoke("stage", "key", NOW.plus(NOW)).await.unwrap());
    assert_eq!(world.stream_keys().count_active("stage").await.unwrap(), 1);
    let facts = world.stream_keys().by_hash("hash-of-key").await.unwrap().unwrap();
    assert_eq!(facts.revoked_at, Some(NOW));
}

#[rstest]
#[tokio::test]
async fn the_last_use_of_a_key_is_its_newest_session_that_was_let_in(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    world.publish_sessions().create(&session("s1")).await.unwrap();
    let refused = sluice_store::publish_sessions::New {
        started_at: NOW.plus(Millis(1)),
        ..session("s2")
    };
    world
        .publish_sessions()
        .refuse(&refused, EndReason::ChannelBusy)
        .await
        .unwrap();
    let listed = world.stream_keys().list("stage").await.unwrap();
    assert_eq!(listed[0].last_used_at, Some(NOW));
}

#[rstest]
#[tokio::test]
async fn the_publish_hook_learns_all_of_a_key_by_its_hash(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let fresh = KeyFacts {
        key_id: "key".to_owned(),
        label: "OBS key".to_owned(),
        revoked_at: None,
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        takeover: false,
        owner_id: "ann".to_owned(),
        owner_role: Role::Streamer,
        suspended_at: None,
        last_end: None,
    };
    let by_hash = async || world.stream_keys().by_hash("hash-of-key").await.unwrap();
    assert_eq!(by_hash().await.as_ref(), Some(&fresh));
    assert_eq!(world.stream_keys().by_hash("hash-of-another").await.unwrap(), None);

    world.accounts().suspend("ann", NOW).await.unwrap();
    let takeover = Some(true);
    world
        .channels()
        .update(
            "stage",
            &Patch {
                takeover,
                ..Patch::default()
            },
        )
        .await
        .unwrap();
    let changed = KeyFacts {
        takeover: true,
        suspended_at: Some(NOW),
        ..fresh
    };
    assert_eq!(by_hash().await, Some(changed));
}

#[rstest]
#[tokio::test]
async fn the_newest_end_is_told_whatever_was_refused_since(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let sessions = world.publish_sessions();
    let last_end = async || {
        world
            .stream_keys()
            .by_hash("hash-of-key")
            .await
            .unwrap()
            .unwrap()
            .last_end
    };

    // Ended in another order than begun, and by another key of the channel than the one that asks.
    sessions.create(&session("s1")).await.unwrap();
    assert_eq!(last_end().await, None);
    sessions
        .end("s1", EndReason::EndedByOwner, Millis(2_000))
        .await
        .unwrap();
    world.stream_keys().create(&key("key-2", "stage")).await.unwrap();
    let mut other = session("s0");
    other.stream_key_id = "key-2".to_owned();
    sessions.create(&other).await.unwrap();
    sessions.end("s0", EndReason::WentSilent, Millis(3_000)).await.unwrap();
    sessions.refuse(&session("s3"), EndReason::ChannelBusy).await.unwrap();
    sessions.create(&session("s4")).await.unwrap();
    assert_eq!(last_end().await, Some((Millis(3_000), EndReason::WentSilent)));
}
