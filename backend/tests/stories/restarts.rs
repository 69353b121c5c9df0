//! A show goes on while the parts of the site are killed and come back.

use std::time::Duration;

use sluice_config::ExposeSecret;
use sluice_store::Store;
use sluice_testkit::{Stack, pair, wait_for};

use crate::show::{BOUND, Channel, FRAME_US, Watcher};

#[tokio::test]
async fn a_backend_killed_and_away_for_twenty_seconds_costs_the_encoder_and_the_index_nothing() {
    let mut stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let watcher = Watcher::of(&stack.api(), "/live/stage/live.m3u8".into());
    let mut publisher = channel.goes_live(&stack).await;
    let session = channel.newest_session().await.unwrap()["id"].clone();
    stack.kill_backend();
    let away_from = publisher.sent();
    wait_for(BOUND, "twenty seconds of show without a backend", async || {
        assert!(
            publisher.is_connected(),
            "the encoder was disconnected: {}",
            publisher.log()
        );
        (publisher.sent() > away_from + Duration::from_secs(20)).then_some(())
    })
    .await;
    stack.start_backend().await;
    let before = channel.last_msn().await;
    channel.has_segment_after(before).await;

    assert!(publisher.is_connected(), "{}", publisher.log());
    assert_eq!(channel.newest_session().await.unwrap()["id"], session);
    nothing_is_missing(&stack, &watcher).await;
}

#[tokio::test]
async fn nginx_killed_and_started_again_continues_the_show_when_the_encoder_reconnects() {
    let mut stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let watcher = Watcher::of(&stack.backend_api(), "/live/stage/live.m3u8".into());
    let mut publisher = channel.goes_live(&stack).await;
    stack.kill_nginx();
    publisher.thrown_out(BOUND).await;
    stack.start_nginx().await;
    let before = stack.backend_api().get("/live/stage/live.m3u8").await.is(200).text;
    let _again = wait_for(BOUND, "the encoder is let in again", async || {
        let mut again = stack.publish(&channel.key.key);
        wait_for(BOUND, "an answer", async || {
            (again.is_connected() || !again.is_running()).then_some(())
        })
        .await;
        again.is_running().then_some(again)
    })
    .await;
    channel.has_segment_after(crate::show::last_msn(&before)).await;
    let sessions = channel.owner.sessions("stage").await;
    let ended = sessions.iter().find(|session| session["state"] == "ended").unwrap();
    let reason = ended["reason"].as_str().unwrap();
    assert!(
        ["media_server_restarted", "replaced_by_reconnect"].contains(&reason),
        "{reason}"
    );
    nothing_is_missing(&stack, &watcher).await;
    let violations = pair::check_parts(&watcher.versions(), FRAME_US);
    assert!(violations.is_empty(), "{violations:#?}");
    let playlist = channel.playlist().await.unwrap();
    assert!(!playlist.contains("ENDLIST"));
}

#[tokio::test]
async fn a_publisher_is_refused_while_the_backend_is_away_and_let_in_when_it_is_back() {
    let mut stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    stack.kill_backend();
    let mut early = stack.publish(&channel.key.key);
    early.thrown_out(BOUND).await;
    stack.start_backend().await;
    channel.goes_live(&stack).await;
}

#[tokio::test]
async fn everything_is_still_there_after_a_proper_stop_and_a_second_start() {
    let mut stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    publisher.stop();
    let before = wait_for(BOUND, "the end of the list", async || {
        channel.playlist().await.filter(|text| text.contains("ENDLIST"))
    })
    .await;
    stack.stop_backend();
    stack.stop_nginx();
    stack.start_nginx().await;
    stack.start_backend().await;
    assert_eq!(channel.owner.show("stage").await["slug"], "stage");
    assert_eq!(channel.playlist().await, Some(before));
}

/// No version breaks a rule, the sequence never falls, and the index has every segment of every session.
async fn nothing_is_missing(stack: &Stack, watcher: &Watcher) {
    let versions = watcher.versions();
    let violations = pair::check(&versions);
    assert!(violations.is_empty(), "{violations:#?}");

    let store = Store::connect(stack.config().database_url.expose_secret())
        .await
        .unwrap();
    let channel = store.channels().by_slug("stage").await.unwrap().unwrap();
    let index = store.segments().latest(&channel.id, 1000).await.unwrap();
    for (segment, msn) in index.iter().zip(1..) {
        assert_eq!(segment.msn, msn, "a number is missing");
    }
    for pair in index.windows(2).filter(|pair| pair[0].session_id == pair[1].session_id) {
        assert_eq!(pair[1].seq, pair[0].seq + 1, "a segment of the session is missing");
        let end_us = pair[0].started_at.0 * 1000 + pair[0].duration_us;
        assert_eq!(
            pair[1].started_at.0,
            end_us.div_euclid(1000),
            "the wall clock has a hole"
        );
    }
}
