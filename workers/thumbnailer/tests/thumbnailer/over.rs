//! Pictures go with what they show.

use sluice_kit::clock;
use sluice_store::thumbnailing::At;
use sluice_testkit::site::STAGE;
use sluice_testkit::wait_for;

use crate::world::{BOUND, World};

#[tokio::test]
async fn pictures_go_with_the_last_segment_that_they_show() {
    let (world, show) = World::recorded().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    assert_eq!(world.pictures().len(), 4);
    let second = show.segments.iter().rposition(|segment| segment.discontinuity).unwrap();
    // As the uploader does when the window has passed over the first show, which is not kept.
    let over: Vec<(&str, i64)> = (0..second as i64).map(|msn| (STAGE, msn)).collect();
    world.store.segments().delete(&over).await.unwrap();
    world.store.recordings().sweep().await.unwrap();
    wait_for(BOUND, "its sheet and its poster are gone", async || {
        (world.pictures().len() == 2).then_some(())
    })
    .await;
    assert_eq!(world.sheets().await.len(), 1);
    assert_eq!(world.posters().await.len(), 1);
    world.nothing_else_is_kept().await;
}

#[tokio::test]
async fn nothing_is_left_of_a_deleted_show() {
    let (world, show) = World::recorded().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    let second = show.segments.iter().rposition(|segment| segment.discontinuity).unwrap() as i64;
    let recordings = world.store.recordings();
    let first = recordings.find(STAGE, 0).await.unwrap().unwrap();
    assert!(recordings.delete(&first, second - 1, clock::now()).await.unwrap());
    assert_eq!(world.sheets().await.len(), 1, "it is seen no more at once");
    world.nothing_else_is_kept().await;
    assert_eq!(world.pictures().len(), 2);
}

#[tokio::test]
async fn a_channel_that_is_not_live_any_more_has_no_picture_of_the_moment() {
    let (world, _show) = World::recorded().await;
    world.goes_live().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    wait_for(BOUND, "it is shown", async || world.live().await).await;
    let end = sluice_domain::EndReason::EndedByEncoder;
    world
        .store
        .publish_sessions()
        .end("session", end, clock::now())
        .await
        .unwrap();
    // It waits for the encoder to come back; as if it had.
    let at = At {
        now: clock::now(),
        due: clock::now(),
    };
    world.store.thumbnails().retire(at.now, at).await.unwrap();
    world.complete().await;
    assert_eq!(world.live().await, None);
    world.nothing_else_is_kept().await;
}
