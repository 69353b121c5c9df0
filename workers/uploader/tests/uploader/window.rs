//! The rewind window passes over segments.

use sluice_domain::Millis;
use sluice_store::offload::Place;
use sluice_testkit::s3::Trouble;
use sluice_testkit::wait_for;

use crate::world::{BOUND, World};

#[tokio::test]
async fn what_is_older_than_the_window_leaves_disk_bucket_and_index() {
    let world = World::new().await;
    world.segments(0..10, 3600).await;
    world.segments(10..15, 1).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    assert_eq!(world.server.objects().len(), 15);
    uploader.stop().await;
    let old: Vec<_> = {
        let mut names = Vec::new();
        for msn in 0..10 {
            names.push(world.kept(msn).await.unwrap().name);
        }
        names
    };
    let mut settings = world.settings();
    settings.kept_for = Millis::from_secs(1800);
    let uploader = world.uploader(settings);
    wait_for(BOUND, "the old ones are gone from the index", async || {
        world.places().await.into_keys().eq(10..15).then_some(())
    })
    .await;
    for name in old {
        assert!(!world.archive.path("stage", &name).unwrap().exists());
    }
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn a_channels_newest_segment_keeps_its_count_however_old_it_is() {
    let world = World::new().await;
    world.segments(0..5, 3600).await;
    let mut settings = world.settings();
    settings.kept_for = Millis::from_secs(60);
    let uploader = world.uploader(settings);
    wait_for(BOUND, "the others are gone", async || {
        world.places().await.into_keys().eq([4]).then_some(())
    })
    .await;
    uploader.stop().await;
}

#[tokio::test]
async fn objects_that_cannot_be_removed_now_are_removed_later() {
    let world = World::new().await;
    world.segments(0..5, 3600).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    uploader.stop().await;
    world
        .front
        .plan(|request| (request.method == "POST").then_some(Trouble::ErrorInSuccess));
    let mut settings = world.settings();
    settings.kept_for = Millis::from_secs(60);
    let uploader = world.uploader(settings);
    let before = world.front.requests();
    wait_for(BOUND, "it tries", async || {
        (world.front.requests() > before + 2).then_some(())
    })
    .await;
    assert_eq!(world.places().await.len(), 5, "rows stay for as long as their objects");
    world.front.plan(|_| None);
    wait_for(BOUND, "all but the newest are gone", async || {
        (world.server.objects().len() == 1 && world.places().await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(world.places().await[&4], Place::Both);
    uploader.stop().await;
}
