//! Encoders that stop sending without saying so. The channel is free again each time.

use std::time::Duration;

use sluice_testkit::{Encoder, Stack, netns::Cable, pair, rtmp, wait_for};

use crate::show::{BOUND, Channel, FRAME_US, Watcher};

#[tokio::test]
async fn a_publisher_frozen_in_its_tracks_is_gone_within_the_idle_bound() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    publisher.freeze();
    // nginx drops an idle publisher after ten seconds.
    assert_eq!(channel.end_reason().await, "went_silent");
    publisher.kill();
    channel.goes_live(&stack).await;
}

#[tokio::test]
async fn a_publisher_that_never_sends_a_frame_is_gone_within_the_reconcilers_bound() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut client = rtmp::Client::connect(stack.rtmp(), "live").await.unwrap();
    client.publish(&channel.key.key).await.unwrap();
    wait_for(BOUND, "the session", async || channel.is_live().await.then_some(())).await;
    assert_eq!(channel.end_reason().await, "no_media");
    assert!(client.is_closed(Duration::from_secs(20)).await);
    channel.goes_live(&stack).await;
}

#[tokio::test]
async fn a_publisher_whose_packets_vanish_is_gone_within_the_keep_alive_bound() {
    if !Cable::is_possible() {
        eprintln!("skipped: no network namespace can be made here");
        return;
    }
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let cable = Cable::lay(stack.config().rtmp_port);
    let encoder = Encoder {
        netns: Some(cable.namespace()),
        ..Encoder::default()
    };
    let address = cable.address();
    let mut publisher = encoder.publish(&format!(
        "rtmp://{address}:{}/live/{}",
        stack.config().rtmp_port,
        channel.key.key
    ));
    publisher.connected().await;
    channel.has_segment_after(None).await;
    cable.pull();
    let reason = channel.end_reason().await;
    assert!(
        ["went_silent", "connection_lost"].contains(&reason.as_str()),
        "{reason}"
    );
    channel.goes_live(&stack).await;
}

#[tokio::test]
async fn an_encoder_that_lost_its_link_takes_its_channel_back_after_three_seconds() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let watcher = Watcher::of(&stack.api(), "/live/stage/live.m3u8".into());
    let mut frozen = channel.goes_live(&stack).await;
    let first = channel.newest_session().await.unwrap()["id"].clone();
    frozen.freeze();
    let back = wait_for(BOUND, "the reconnect is let in", async || {
        let mut again = stack.publish(&channel.key.key);
        wait_for(BOUND, "an answer", async || {
            (again.is_connected() || !again.is_running()).then_some(())
        })
        .await;
        again.is_running().then_some(again)
    })
    .await;
    let sessions = channel.owner.sessions("stage").await;
    let replaced = sessions.iter().find(|session| session["id"] == first).unwrap();
    let reason = replaced["reason"].as_str().unwrap();
    assert!(["replaced_by_reconnect", "went_silent"].contains(&reason), "{reason}");
    let before = channel.last_msn().await;
    channel.has_segment_after(before).await;
    drop(back);
    // The segment that the frozen one left open was listed in parts already.
    let versions = watcher.versions();
    let mut violations = pair::check(&versions);
    violations.extend(pair::check_parts(&versions, FRAME_US));
    assert!(violations.is_empty(), "{violations:#?}");
}
