//! A disk that does not take what it is given.

use std::fs;

use sluice_config::ExposeSecret;
use sluice_store::Store;
use sluice_testkit::{Stack, wait_for};

use crate::show::{BOUND, Channel, spooled};

#[tokio::test]
async fn segments_that_the_archive_refuses_wait_in_the_spool_until_it_takes_them() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    // A file where the channel's directory should be: no segment can be kept.
    let obstacle = stack.config().archive_dir().join("stage");
    fs::write(&obstacle, "").unwrap();
    let mut publisher = stack.publish(&channel.key.key);
    publisher.connected().await;
    wait_for(BOUND, "segments wait", async || (spooled(&stack) >= 4).then_some(())).await;
    assert!(stack.backend_log().contains("segments wait in the spool"));
    publisher.stop();
    assert_eq!(channel.end_reason().await, "ended_by_encoder");
    wait_for(BOUND, "the end waits too", async || {
        let waits = stack.backend_log().contains("the end of a session waits in the spool");
        waits.then_some(())
    })
    .await;
    assert!(channel.playlist().await.is_none());

    fs::remove_file(&obstacle).unwrap();
    channel.has_segment_after(None).await;
    let store = Store::connect(stack.config().database_url.expose_secret())
        .await
        .unwrap();
    let id = store.channels().by_slug("stage").await.unwrap().unwrap().id;
    wait_for(BOUND, "every segment is in the index", async || {
        let index = store.segments().latest(&id, 100).await.unwrap();
        let whole = index.iter().zip(0..).all(|(segment, seq)| segment.seq == seq);
        (whole && index.len() >= 4 && spooled(&stack) == 0).then_some(())
    })
    .await;
}
