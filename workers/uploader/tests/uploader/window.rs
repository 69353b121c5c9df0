//! The rewind window passes over segments.

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_store::channels::Patch;
use sluice_store::offload::Place;
use sluice_store::segments::Segment;
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

#[tokio::test]
async fn a_channel_has_a_window_of_its_own() {
    let world = World::new().await;
    world.channel("loft").await;
    world.segments(0..5, 7200).await;
    let rows: Vec<_> = (0..5)
        .map(|msn| world.archived("loft", msn, clock::now().minus(Millis::from_secs(7200 - 2 * msn))))
        .collect();
    world.store.segments().insert_many(&rows).await.unwrap();
    let patch = Patch {
        dvr_window_hours: Some(Some(1)),
        ..Patch::default()
    };
    world.store.channels().update("id-of-loft", &patch).await.unwrap();
    let uploader = world.uploader(world.settings());
    wait_for(BOUND, "the loft's are gone but for the newest", async || {
        let left = world.store.segments().latest("id-of-loft", 10).await.unwrap();
        (left.len() == 1 && world.server.objects().len() == 6).then_some(())
    })
    .await;
    assert_eq!(world.places().await.len(), 5);
    uploader.stop().await;
}

#[tokio::test]
async fn a_kept_show_stays_and_goes_in_the_next_round_when_it_is_kept_no_more() {
    let world = World::new().await;
    world.segments(0..5, 7200).await;
    world.segments(5..8, 1).await;
    let recordings = world.store.recordings();
    let next = Segment {
        starts_show: true,
        ..world.archived("stage", 8, clock::now())
    };
    world.store.segments().insert_many(&[next]).await.unwrap();
    let show = recordings.find("id-of-stage", 0).await.unwrap().unwrap();
    recordings.set_kept(&show, Some(clock::now())).await.unwrap();
    let mut settings = world.settings();
    settings.kept_for = Millis(0);
    let uploader = world.uploader(settings);
    world.drained().await;
    // Long enough for the rounds in which they would have gone.
    let before = world.front.requests();
    world.segments(9..12, 1).await;
    wait_for(BOUND, "later ones are gone", async || {
        world.places().await.into_keys().eq((0..8).chain([11])).then_some(())
    })
    .await;
    assert!(world.front.requests() > before);
    recordings.set_kept(&show, None).await.unwrap();
    wait_for(BOUND, "the show is gone", async || {
        world.places().await.into_keys().eq([11]).then_some(())
    })
    .await;
    wait_for(BOUND, "nothing is left of it", async || {
        let shows = recordings.list("id-of-stage", None, None, 10).await.unwrap();
        (shows.len() == 1 && world.server.objects().len() == 1).then_some(())
    })
    .await;
    uploader.stop().await;
}

#[tokio::test]
async fn a_deleted_show_leaves_disk_and_bucket_though_its_last_row_keeps_the_count() {
    let world = World::new().await;
    world.segments(0..5, 1).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    assert_eq!(world.server.objects().len(), 5);
    let names = world.server.objects().into_keys();
    let names: Vec<String> = names
        .map(|key| key.rsplit('/').next().unwrap().replace(".ts", ""))
        .collect();
    let recordings = world.store.recordings();
    let show = recordings.find("id-of-stage", 0).await.unwrap().unwrap();
    assert!(recordings.delete(&show, 4, clock::now()).await.unwrap());
    wait_for(BOUND, "its objects are gone", async || {
        world.server.objects().is_empty().then_some(())
    })
    .await;
    wait_for(BOUND, "its rows are gone but for one", async || {
        world.places().await.into_iter().eq([(4, Place::Lost)]).then_some(())
    })
    .await;
    for name in names {
        assert!(!world.archive.path("stage", &name).unwrap().exists(), "{name}");
    }
    uploader.stop().await;
    // An uploader that starts looks for what was lost, and not for this.
    let uploader = world.uploader(world.settings());
    world.reports("it works", |report| report.lost_segments == 0).await;
    assert_eq!(world.places().await[&4], Place::Lost);
    uploader.stop().await;
}
