//! A disk that fills: what may leave it, and what never does.

use std::fs;

use sluice_objects::ObjectStore;
use sluice_store::offload::Place;
use sluice_testkit::s3::Trouble;
use sluice_testkit::wait_for;

use crate::world::{BOUND, World, media};

async fn is_on_disk(world: &World, msn: i64) -> bool {
    let name = world.kept(msn).await.unwrap().name;
    world.archive.path("stage", &name).unwrap().exists()
}

#[tokio::test]
async fn above_the_high_mark_what_is_stored_and_old_enough_leaves_the_disk() {
    let world = World::new().await;
    // Twenty old ones, and ten that a live playlist still lists.
    world.segments(0..20, 600).await;
    world.segments(20..30, 1).await;
    let uploader = world.uploader(world.full());
    wait_for(BOUND, "the old ones leave the disk", async || {
        let places = world.places().await;
        let gone = places.values().filter(|place| **place == Place::Store).count();
        let young = places.range(20..).all(|(_, place)| *place == Place::Both);
        (gone == 20 && young).then_some(())
    })
    .await;
    for msn in 0..30 {
        assert_eq!(is_on_disk(&world, msn).await, msn >= 20, "{msn}");
    }
    world.bucket_has_exactly_the_stage().await;
    let report = world
        .reports("the eviction", |report| report.evicted_segments == 20)
        .await;
    let bytes: usize = (0..20).map(|msn| media(msn).len()).sum();
    assert_eq!(usize::try_from(report.evicted_bytes).unwrap(), bytes);
    assert!(report.problem.unwrap().contains("nothing more may leave it yet"));
    uploader.stop().await;
}

#[tokio::test]
async fn below_the_high_mark_everything_stays_on_disk() {
    let world = World::new().await;
    world.segments(0..10, 600).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    world.reports("a report", |report| report.stored_segments == 10).await;
    assert!(world.places().await.values().all(|place| *place == Place::Both));
    uploader.stop().await;
}

#[tokio::test]
async fn what_the_bucket_has_lost_meanwhile_is_stored_again_before_it_leaves_the_disk() {
    let world = World::new().await;
    world.segments(0..6, 600).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    uploader.stop().await;
    let object = |key: &String| world.server.file(key);
    let keys: Vec<String> = world.server.objects().into_keys().collect();
    fs::remove_file(object(&keys[1])).unwrap();
    fs::write(object(&keys[3]), b"cut short").unwrap();

    let uploader = world.uploader(world.full());
    wait_for(BOUND, "all leave the disk", async || {
        world
            .places()
            .await
            .values()
            .all(|place| *place == Place::Store)
            .then_some(())
    })
    .await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn nothing_leaves_the_disk_while_the_store_cannot_be_asked() {
    let world = World::new().await;
    world.segments(0..6, 600).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    uploader.stop().await;
    world.front.plan(|_| Some(Trouble::Busy));
    let uploader = world.uploader(world.full());
    let told = |report: &sluice_store::storage::Report| {
        report
            .problem
            .as_ref()
            .is_some_and(|problem| problem.contains("Nothing leaves the disk"))
    };
    world.reports("why the disk stays full", told).await;
    for msn in 0..6 {
        assert!(is_on_disk(&world, msn).await);
    }
    uploader.stop().await;
}

#[tokio::test]
async fn objects_on_the_same_disk_are_no_reason_to_empty_the_archive() {
    let world = World::new().await;
    world.segments(0..6, 600).await;
    let objects = ObjectStore::local(world.config.objects_dir()).unwrap();
    let uploader = world.uploader_to(objects, world.full());
    let told = |report: &sluice_store::storage::Report| {
        report
            .problem
            .as_ref()
            .is_some_and(|problem| problem.contains("DVR_WINDOW_HOURS"))
    };
    world.reports("what the operator can do", told).await;
    world.drained().await;
    for msn in 0..6 {
        assert!(is_on_disk(&world, msn).await);
    }
    uploader.stop().await;
}
