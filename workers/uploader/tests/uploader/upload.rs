//! Fair weather.

use std::sync::{Arc, Mutex};

use sluice_objects::{Digest, ObjectStore};
use sluice_store::offload::Place;
use sluice_testkit::s3::Trouble;

use crate::world::World;

#[tokio::test]
async fn a_closed_segment_is_stored_seen_and_recorded_and_stays_on_disk() {
    let world = World::new().await;
    world.segments(0..3, 1).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    for msn in 0..3 {
        let kept = world.kept(msn).await.unwrap();
        let file = world.archive.path("stage", &kept.name).unwrap();
        let digest = Digest::of(&file).unwrap();
        assert_eq!(
            (kept.place, kept.checksum),
            (Place::Both, Some(digest.checksum.to_string()))
        );
    }
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn segments_that_are_closed_while_it_runs_follow() {
    let world = World::new().await;
    let uploader = world.uploader(world.settings());
    for msn in 0..5 {
        world.segments(msn..msn + 1, 0).await;
        world.drained().await;
    }
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn without_a_bucket_a_directory_keeps_the_same() {
    let world = World::new().await;
    world.segments(0..4, 1).await;
    let objects = ObjectStore::local(world.config.objects_dir()).unwrap();
    let uploader = world.uploader_to(objects.clone(), world.settings());
    world.drained().await;
    let listed = objects.list("stage/", None).await.unwrap().objects;
    assert_eq!(listed.len(), 4);
    assert!(world.server.objects().is_empty());
    uploader.stop().await;
}

#[tokio::test]
async fn what_is_newest_is_safe_first_when_it_is_behind() {
    let world = World::new().await;
    world.segments(0..40, 1).await;
    let order = Arc::new(Mutex::new(Vec::<String>::new()));
    let seen = Arc::clone(&order);
    world.front.plan(move |request| {
        if request.method == "PUT" {
            seen.lock().unwrap().push(request.path.clone());
        }
        None
    });
    let mut settings = world.settings();
    settings.parallel = 1;
    let uploader = world.uploader(settings);
    world.drained().await;
    let order = order.lock().unwrap().clone();
    let mut newest_first = order.clone();
    newest_first.sort_by(|one, other| other.cmp(one));
    assert_eq!((order.len(), &order), (40, &newest_first));
    uploader.stop().await;
}

#[tokio::test]
async fn a_backlog_of_a_thousand_is_drained_while_a_show_goes_on() {
    let world = World::new().await;
    world.segments(0..1_000, 1).await;
    let uploader = world.uploader(world.settings());
    for msn in 1_000..1_020 {
        world.segments(msn..msn + 1, 0).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await; // a show's own pace
    }
    world.drained().await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn a_segment_whose_file_is_gone_is_lost_unless_the_store_has_it() {
    let world = World::new().await;
    world.segments(0..2, 1).await;
    let names = [world.kept(0).await.unwrap().name, world.kept(1).await.unwrap().name];
    // The first was stored before a crash, which kept it from being recorded.
    let key = sluice_objects::Key::segment("stage", &names[0]).unwrap();
    let file = world.archive.path("stage", &names[0]).unwrap();
    world.objects.put(&key, &file).await.unwrap();
    for name in &names {
        world.archive.remove("stage", name).unwrap();
    }
    let uploader = world.uploader(world.settings());
    world.drained().await;
    assert_eq!(world.kept(0).await.unwrap().place, Place::Both);
    assert_eq!(world.kept(1).await.unwrap().place, Place::Lost);
    world
        .reports("the loss is told", |report| {
            (report.lost_segments, report.stored_segments) == (1, 1)
        })
        .await;
    uploader.stop().await;
}

#[tokio::test]
async fn a_segment_that_is_removed_on_its_way_leaves_no_object() {
    let world = World::new().await;
    world.segments(0..2, 1).await;
    // It is put, but cannot be seen to be there, so that there is time to remove it.
    world.front.plan(|request| {
        let meets = match request.method == "HEAD" {
            true => Trouble::Busy,
            false => Trouble::NoChecksum,
        };
        request.path.contains("-00000000.ts").then_some(meets)
    });
    let uploader = world.uploader(world.settings());
    world.bucket_holds(2).await;
    world.store.segments().delete(&[("id-of-stage", 0)]).await.unwrap();
    world.front.plan(|_| None);
    world.bucket_holds(1).await;
    uploader.stop().await;
}

#[tokio::test]
async fn a_segment_that_is_removed_between_two_attempts_leaves_no_object() {
    for file_goes_too in [true, false] {
        let world = World::new().await;
        world.segments(0..2, 1).await;
        // It is put, and its answer lost.
        world.front.plan(|request| {
            let is_put = request.method == "PUT" && request.path.contains("-00000000.ts");
            is_put.then_some(Trouble::LostAnswer)
        });
        let mut settings = world.settings();
        settings.retry_first = std::time::Duration::from_secs(2);
        settings.retry_longest = settings.retry_first;
        let uploader = world.uploader(settings);
        world
            .reports("it has failed", |report| report.failed_attempts > 0)
            .await;
        world.bucket_holds(2).await;
        if file_goes_too {
            let name = world.kept(0).await.unwrap().name;
            world.archive.remove("stage", &name).unwrap();
        }
        world.store.segments().delete(&[("id-of-stage", 0)]).await.unwrap();
        world.front.plan(|_| None);
        world.bucket_holds(1).await;
        world.drained().await;
        world.bucket_has_exactly_the_stage().await;
        uploader.stop().await;
    }
}
