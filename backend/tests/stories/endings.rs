//! Shows that are ended by somebody.

use std::time::Duration;

use sluice_testkit::{Stack, wait_for};

use crate::show::{BOUND, Channel, first_msn, last_msn};

#[tokio::test]
async fn an_owner_ends_the_show_and_an_encoder_that_comes_back_by_itself_is_held_off() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    let id = channel.newest_session().await.unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let end = format!("/api/v1/channels/stage/sessions/{id}/end");
    let stranger = stack.api().signed_up("stranger").await;
    assert!(
        stranger
            .post(&end, serde_json::json!({}))
            .await
            .status
            .is_client_error()
    );
    channel.owner.post(&end, serde_json::json!({})).await.is(204);
    assert!(!channel.is_live().await);
    publisher.thrown_out(BOUND).await;
    assert_eq!(channel.end_reason().await, "ended_by_owner");
    // Nobody waits for an encoder that is held off.
    wait_for(Duration::from_secs(20), "the end of the list", async || {
        channel
            .playlist()
            .await
            .filter(|playlist| playlist.ends_with("#EXT-X-ENDLIST\n"))
    })
    .await;
    let mut again = stack.publish(&channel.key.key);
    again.thrown_out(BOUND).await;
    assert_eq!(channel.refusal().await, "held_after_end");
}

#[tokio::test]
async fn a_show_that_is_over_has_a_closed_playlist_and_the_next_one_lists_only_itself() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    publisher.stop();
    let closed = wait_for(BOUND, "the end of the list", async || {
        channel
            .playlist()
            .await
            .filter(|playlist| playlist.ends_with("#EXT-X-ENDLIST\n"))
    })
    .await;
    let _next = channel.goes_live(&stack).await;
    let playlist = channel.playlist().await.unwrap();
    assert!(!playlist.contains("ENDLIST"));
    assert_eq!(first_msn(&playlist), last_msn(&closed).map(|msn| msn + 1));
}

#[tokio::test]
async fn a_deleted_channel_leaves_neither_show_nor_playlist_nor_files() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    channel.owner.delete("/api/v1/channels/stage").await.is(204);
    publisher.thrown_out(BOUND).await;
    assert!(channel.playlist().await.is_none());
    wait_for(BOUND, "the segments are gone", async || {
        let left = stack
            .files()
            .into_iter()
            .find(|file| file.extension().is_some_and(|end| end == "ts"));
        left.is_none().then_some(())
    })
    .await;
}
