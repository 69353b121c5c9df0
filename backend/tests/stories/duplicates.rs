//! Two encoders, one channel.

use sluice_testkit::{Stack, wait_for};

use crate::show::{BOUND, Channel, Watcher};

#[tokio::test]
async fn a_second_publisher_with_the_same_key_is_refused_and_the_first_keeps_streaming() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut first = channel.goes_live(&stack).await;
    let mut second = stack.publish(&channel.key.key);
    second.thrown_out(BOUND).await;
    assert_eq!(channel.refusal().await, "channel_busy");
    let before = channel.last_msn().await;
    channel.has_segment_after(before).await;
    assert!(first.is_connected() && channel.is_live().await);
    let playlist = channel.playlist().await.unwrap();
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{playlist}");
}

#[tokio::test]
async fn with_takeover_on_the_new_one_is_live_and_viewers_go_on_behind_a_discontinuity() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    channel
        .owner
        .patch("/api/v1/channels/stage", serde_json::json!({"takeover": true}))
        .await
        .is(200);
    let watcher = Watcher::of(&stack.api(), "/live/stage/live.m3u8".into());
    let mut first = channel.goes_live(&stack).await;
    let first_session = channel.newest_session().await.unwrap()["id"].clone();
    let before = channel.last_msn().await;
    let mut second = stack.publish(&channel.key.key);
    first.thrown_out(BOUND).await;
    second.connected().await;
    let after = channel.has_segment_after(before).await;
    channel.has_segment_after(Some(after)).await;

    let sessions = channel.owner.sessions("stage").await;
    assert_eq!(
        (&sessions[0]["state"], &sessions[1]["reason"]),
        (&"live".into(), &"taken_over".into())
    );
    assert_eq!(sessions[1]["id"], first_session);
    let playlist = channel.playlist().await.unwrap();
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 2, "{playlist}");
    assert!(!playlist.contains("ENDLIST"));
    let violations = sluice_testkit::pair::check(&watcher.versions());
    assert!(violations.is_empty(), "{violations:?}");
}

#[tokio::test]
async fn of_two_publishers_in_the_same_moment_one_is_live() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut both = [stack.publish(&channel.key.key), stack.publish(&channel.key.key)];
    wait_for(BOUND, "one is thrown out", async || {
        let running: Vec<bool> = both.iter_mut().map(|publisher| publisher.is_running()).collect();
        (running.iter().filter(|running| **running).count() == 1).then_some(())
    })
    .await;
    channel.has_segment_after(None).await;
    let live = |session: &serde_json::Value| session["state"] == "live";
    assert_eq!(
        channel
            .owner
            .sessions("stage")
            .await
            .iter()
            .filter(|session| live(session))
            .count(),
        1
    );
}
