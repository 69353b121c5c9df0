//! Who gets in, and what is never written down.

use std::{fs, time::Duration};

use sluice_testkit::{Encoder, Stack, flv, rtmp, wait_for};

use crate::show::{BOUND, Channel};

#[tokio::test]
async fn wrong_revoked_empty_overlong_and_hostile_keys_are_refused() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let revoked = channel.owner.key("stage").await;
    channel
        .owner
        .delete(&format!("/api/v1/channels/stage/stream-keys/{}", revoked.id))
        .await
        .is(204);
    let wrong = format!("sk_{}", "x".repeat(32));
    let overlong = format!("sk_{}", "x".repeat(300));
    let climbing = "/../../etc/passwd".to_owned();
    let nested = format!("{}/../x", channel.key.key);
    for name in [wrong, revoked.key, String::new(), overlong, climbing, nested] {
        let mut client = rtmp::Client::connect(stack.rtmp(), "live").await.unwrap();
        client.publish(&name).await.unwrap();
        assert!(client.is_closed(Duration::from_secs(20)).await, "{name:?} got in");
    }
    assert!(!channel.is_live().await);
    assert!(media_files(&stack).is_empty());
}

#[tokio::test]
async fn media_that_comes_before_the_answer_leaves_no_file() {
    let stack = Stack::start().await;
    let tags = flv::record(&Encoder::default(), Duration::from_secs(3));
    let mut client = rtmp::Client::connect(stack.rtmp(), "live").await.unwrap();
    client.publish(format!("sk_{}", "x".repeat(32))).await.unwrap();
    // The server may hang up in the middle; that is what is wanted.
    let _ = client.send(&tags).await;
    assert!(client.is_closed(Duration::from_secs(20)).await);
    assert_eq!(media_files(&stack), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_key_revoked_during_its_show_ends_the_show_at_once() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    channel
        .owner
        .delete(&format!("/api/v1/channels/stage/stream-keys/{}", channel.key.id))
        .await
        .is(204);
    assert!(!channel.is_live().await);
    publisher.thrown_out(BOUND).await;
    assert_eq!(channel.end_reason().await, "key_revoked");
}

#[tokio::test]
async fn a_key_is_shown_once_and_stands_in_no_file_log_playlist_or_answer_after() {
    let stack = Stack::builder().env("LOG_LEVEL", "trace").start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    let mut second = stack.publish(&channel.key.key);
    second.thrown_out(BOUND).await;
    let secret = channel.key.key.as_str();
    for path in [
        "/api/v1/channels/stage",
        "/api/v1/channels/stage/stream-keys",
        "/api/v1/channels/stage/sessions",
        "/live/stage/index.m3u8",
        "/live/stage/live.m3u8",
    ] {
        assert!(!channel.owner.get(path).await.is(200).text.contains(secret), "{path}");
    }
    publisher.stop();
    channel.end_reason().await;
    for file in stack.files() {
        assert!(!file.display().to_string().contains(secret), "{}", file.display());
        let content = fs::read(&file).unwrap_or_default();
        assert!(!holds(&content, secret.as_bytes()), "{}", file.display());
    }
}

#[tokio::test]
async fn a_key_says_when_it_was_last_used() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let _publisher = channel.goes_live(&stack).await;
    wait_for(BOUND, "the last use", async || {
        let keys = channel
            .owner
            .get("/api/v1/channels/stage/stream-keys")
            .await
            .is(200)
            .json();
        keys["items"][0]["last_used_at"].as_str().map(str::to_owned)
    })
    .await;
}

#[tokio::test]
async fn an_encoder_that_sends_hevc_is_told_to_choose_h264() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let tags = flv::as_hevc(&flv::record(&Encoder::default(), Duration::from_secs(20)));
    let mut client = rtmp::Client::connect(stack.rtmp(), "live").await.unwrap();
    client.publish(&channel.key.key).await.unwrap();
    let _ = client.send_in_time(&tags).await;
    assert_eq!(channel.end_reason().await, "unsupported_video");
}

fn media_files(stack: &Stack) -> Vec<std::path::PathBuf> {
    let is_media = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "ts" || end == "m3u8");
    stack.files().into_iter().filter(is_media).collect()
}

fn holds(content: &[u8], secret: &[u8]) -> bool {
    content.windows(secret.len()).any(|window| window == secret)
}
