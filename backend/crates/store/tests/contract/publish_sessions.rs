use rstest::rstest;
use sluice_domain::{EndReason, Millis, SessionState};
use sluice_store::Error;
use sluice_store::publish_sessions::{Health, New, Session};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World, channel, key, session};

fn expected(id: &str) -> Session {
    Session {
        id: id.to_owned(),
        channel_id: "stage".to_owned(),
        slug: "stage".to_owned(),
        owner_id: "ann".to_owned(),
        key_id: "key".to_owned(),
        key_label: "OBS key".to_owned(),
        state: SessionState::Live,
        reason: None,
        instance: "nginx-1".to_owned(),
        client_id: "19".to_owned(),
        address: "192.0.2.7".to_owned(),
        encoder: "OBS".to_owned(),
        started_at: NOW,
        ended_at: None,
        health: Health::default(),
    }
}

#[rstest]
#[tokio::test]
async fn a_session_is_live_until_it_ends_and_keeps_its_reason(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let sessions = world.publish_sessions();
    sessions.create(&session("s1")).await.unwrap();
    assert_eq!(sessions.by_id("s1").await.unwrap(), Some(expected("s1")));
    assert_eq!(sessions.live().await.unwrap(), [expected("s1")]);

    assert!(sessions.end("s1", EndReason::KeyRevoked, Millis(9)).await.unwrap());
    assert!(!sessions.end("s1", EndReason::EndedByEncoder, Millis(10)).await.unwrap());
    let ended = Session {
        state: SessionState::Ended,
        reason: Some(EndReason::KeyRevoked),
        ended_at: Some(Millis(9)),
        ..expected("s1")
    };
    assert_eq!(sessions.by_id("s1").await.unwrap(), Some(ended));
    assert!(sessions.live().await.unwrap().is_empty());
    assert!(!sessions.end("s2", EndReason::EndedByEncoder, NOW).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_channel_raced_for_has_one_live_session(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let begun = world
        .race(|store, number| async move { store.publish_sessions().create(&session(&format!("s{number}"))).await })
        .await;
    let conflicts = begun
        .iter()
        .filter(|begun| matches!(begun, Err(Error::Conflict)))
        .count();
    assert_eq!(
        (begun.iter().filter(|begun| begun.is_ok()).count(), conflicts),
        (1, 7),
        "{begun:?}"
    );
    assert_eq!(world.publish_sessions().live().await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_channel_is_free_again_after_an_end_and_others_never_were_in_its_way(
    #[values(Sqlite, Postgres, MariaDb)] engine: Engine,
) {
    let world = World::with_a_stage(engine).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    world.stream_keys().create(&key("loft-key", "loft")).await.unwrap();
    let sessions = world.publish_sessions();
    sessions.create(&session("s1")).await.unwrap();
    let elsewhere = New {
        channel_id: "loft".to_owned(),
        stream_key_id: "loft-key".to_owned(),
        ..session("s2")
    };
    sessions.create(&elsewhere).await.unwrap();
    for number in 3..6 {
        sessions
            .end(
                &format!("s{}", if number == 3 { 1 } else { number - 1 }),
                EndReason::TakenOver,
                NOW,
            )
            .await
            .unwrap();
        sessions.create(&session(&format!("s{number}"))).await.unwrap();
    }
    let live: Vec<_> = sessions
        .live()
        .await
        .unwrap()
        .into_iter()
        .map(|session| session.id)
        .collect();
    assert_eq!(live, ["s2", "s5"]);
}

#[rstest]
#[tokio::test]
async fn sessions_begin_together_or_not_at_all(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.channels().create(&channel("loft", "ann")).await.unwrap();
    world.stream_keys().create(&key("loft-key", "loft")).await.unwrap();
    let on_loft = |id: &str| New {
        channel_id: "loft".to_owned(),
        stream_key_id: "loft-key".to_owned(),
        ..session(id)
    };
    let sessions = world.publish_sessions();
    sessions.create_all(&[]).await.unwrap();
    let twice = sessions
        .create_all(&[on_loft("s1"), session("s2"), session("s3")])
        .await;
    assert!(matches!(twice, Err(Error::Conflict)), "{twice:?}");
    let nowhere = New {
        channel_id: "cellar".to_owned(),
        ..session("s3")
    };
    let missing = sessions.create_all(&[on_loft("s1"), nowhere]).await;
    assert!(matches!(missing, Err(Error::Missing)), "{missing:?}");
    assert!(sessions.live().await.unwrap().is_empty());

    sessions.create_all(&[on_loft("s1"), session("s2")]).await.unwrap();
    let taken = sessions.create_all(&[on_loft("s4")]).await;
    assert!(matches!(taken, Err(Error::Conflict)), "{taken:?}");
    let live: Vec<_> = sessions.live().await.unwrap();
    let live: Vec<_> = live
        .iter()
        .map(|session| (session.id.as_str(), session.slug.as_str()))
        .collect();
    assert_eq!(live, [("s1", "loft"), ("s2", "stage")]);
}

#[rstest]
#[tokio::test]
async fn a_refusal_is_told_once_a_minute_and_reason(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let at = |id: &str, second: i64| New {
        started_at: NOW.plus(Millis::from_secs(second)),
        ..session(id)
    };
    for (new, reason) in [
        (at("r0", 0), EndReason::ChannelBusy),
        (at("r1", 5), EndReason::ChannelBusy),
        (at("r2", 59), EndReason::ChannelBusy),
        (at("r3", 60), EndReason::ChannelBusy),
        (at("r4", 61), EndReason::KeyRevoked),
        (at("r5", 62), EndReason::KeyRevoked),
    ] {
        world.publish_sessions().refuse(&new, reason).await.unwrap();
    }
    let page = world.publish_sessions().list("stage", None, 10).await.unwrap();
    let told: Vec<_> = page
        .items
        .iter()
        .map(|refused| (refused.id.as_str(), refused.reason))
        .collect();
    let busy = Some(EndReason::ChannelBusy);
    assert_eq!(told, [("r4", Some(EndReason::KeyRevoked)), ("r3", busy), ("r0", busy)]);
    assert!(page.items.iter().all(|refused| refused.state == SessionState::Refused));
    assert_eq!(page.items[0].ended_at, Some(page.items[0].started_at));
}

#[rstest]
#[tokio::test]
async fn a_refusal_leaves_the_live_session_alone(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.publish_sessions().create(&session("s1")).await.unwrap();
    world
        .publish_sessions()
        .refuse(&session("s2"), EndReason::ChannelBusy)
        .await
        .unwrap();
    assert_eq!(world.publish_sessions().live().await.unwrap(), [expected("s1")]);
    assert!(
        !world
            .publish_sessions()
            .end("s2", EndReason::EndedByEncoder, NOW)
            .await
            .unwrap()
    );
}

#[rstest]
#[tokio::test]
async fn health_is_kept_as_last_recorded(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    world.publish_sessions().create(&session("s1")).await.unwrap();
    let health = Health {
        bitrate_bps: Some(6_000_000_000),
        width: Some(1920),
        height: Some(1080),
        frame_rate_milli: Some(29_970),
        video_codec: Some("H264".to_owned()),
        audio_codec: Some("AAC".to_owned()),
        keyframe_interval_ms: Some(2_000),
        media_at: Some(NOW),
    };
    for health in [
        health.clone(),
        Health {
            audio_codec: None,
            width: None,
            ..health
        },
    ] {
        assert!(world.publish_sessions().set_health("s1", &health).await.unwrap());
        assert_eq!(
            world.publish_sessions().by_id("s1").await.unwrap().unwrap().health,
            health
        );
    }
    assert!(
        !world
            .publish_sessions()
            .set_health("s2", &Health::default())
            .await
            .unwrap()
    );
}

#[rstest]
#[tokio::test]
async fn whatever_an_encoder_calls_itself_is_recorded(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let encoder = format!("FM\0LE/{}", "ü".repeat(1_000));
    world
        .publish_sessions()
        .create(&New {
            encoder,
            ..session("s1")
        })
        .await
        .unwrap();
    let kept = world.publish_sessions().by_id("s1").await.unwrap().unwrap().encoder;
    assert!(kept.starts_with("FM\u{fffd}LE/ü"), "{kept}");
    assert_eq!(kept.chars().count(), 255);
}

#[rstest]
#[tokio::test]
async fn history_is_paged_newest_first_while_it_grows(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::with_a_stage(engine).await;
    let sessions = world.publish_sessions();
    for number in 1..=5 {
        sessions.create(&session(&format!("s{number}"))).await.unwrap();
        sessions
            .end(&format!("s{number}"), EndReason::EndedByEncoder, NOW)
            .await
            .unwrap();
    }
    let first = sessions.list("stage", None, 2).await.unwrap();
    sessions.create(&session("s6")).await.unwrap();
    let second = sessions.list("stage", first.next_cursor.as_deref(), 2).await.unwrap();
    let third = sessions.list("stage", second.next_cursor.as_deref(), 2).await.unwrap();
    let ids = [first.items, second.items, third.items].concat();
    let ids: Vec<_> = ids.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(ids, ["s5", "s4", "s3", "s2", "s1"]);
    assert_eq!(third.next_cursor, None);
    let live = sessions.list_live(None, 2).await.unwrap();
    assert_eq!((live.items.len(), live.items[0].id.as_str()), (1, "s6"));
    assert!(sessions.list_live(Some("s6"), 2).await.unwrap().items.is_empty());
}
