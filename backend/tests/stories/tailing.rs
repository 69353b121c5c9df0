//! When a channel is cut into parts: while somebody watches, and at no other time.

use std::time::Duration;

use sluice_testkit::{Stack, wait_for};

use crate::show::{BOUND, Channel};

/// Several segments, of two seconds each.
const A_WHILE: Duration = Duration::from_secs(7);
/// A player that has not asked for this long is gone.
const GONE: Duration = Duration::from_secs(24);

#[tokio::test]
async fn a_channel_is_cut_into_parts_from_its_first_viewer_on_and_until_the_last_has_left() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = stack.publish(&channel.key.key);
    publisher.connected().await;
    for unwatched in [A_WHILE, A_WHILE + GONE] {
        let from = publisher.sent();
        wait_for(BOUND + unwatched, "a show that nobody watches", async || {
            assert!(publisher.is_connected(), "{}", publisher.log());
            (publisher.sent() > from + unwatched).then_some(())
        })
        .await;
        let first = channel.playlist().await.expect("the show is listed");
        assert!(segments_in_parts(&first) <= 1, "{first}");
        wait_for(BOUND, "segments in parts", async || {
            let text = channel.playlist().await?;
            (text.contains("#EXT-X-PRELOAD-HINT:TYPE=PART,") && segments_in_parts(&text) >= 2).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn who_asks_for_other_things_than_the_live_playlist_has_nothing_cut() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = stack.publish(&channel.key.key);
    publisher.connected().await;
    let index = wait_for(BOUND, "the show", async || {
        let answer = channel.owner.get("/live/stage/index.m3u8").await;
        answer.status.is_success().then_some(answer.text)
    })
    .await;
    assert!(index.contains("live.m3u8"));
    let from = publisher.sent();
    wait_for(BOUND, "three segments more", async || {
        channel.owner.get("/live/stage/index.m3u8").await.is(200);
        (publisher.sent() > from + A_WHILE).then_some(())
    })
    .await;
    let text = channel.playlist().await.expect("the show is listed");
    assert!(segments_in_parts(&text) <= 1, "{text}");
}

/// How many closed segments are listed in parts. Of a show that nobody has watched that is one at most: the segment that
/// was being written when the first viewer came, if it was closed before he was answered.
fn segments_in_parts(playlist: &str) -> usize {
    let closed = playlist.rsplit_once("#EXTINF:").map_or("", |(closed, _)| closed);
    closed
        .split("#EXTINF:")
        .filter(|segment| segment.contains("#EXT-X-PART:"))
        .count()
}
