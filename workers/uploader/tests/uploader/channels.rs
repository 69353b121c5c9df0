//! Channels that are deleted.

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_store::jobs::{New, REMOVE_OBJECTS, State};
use sluice_testkit::wait_for;

use crate::world::{BOUND, World};

async fn removal(world: &World, slug: &str, deleted_at: Millis) {
    let job = New {
        id: "removal".to_owned(),
        kind: REMOVE_OBJECTS.to_owned(),
        payload: format!(r#"{{"slug":"{slug}","deleted_at":{}}}"#, deleted_at.0),
        run_at: Millis(0),
    };
    world.store.jobs().enqueue(&job).await.unwrap();
}

async fn done(world: &World) {
    wait_for(BOUND, "the job is done", async || {
        let job = world.store.jobs().by_id("removal").await.unwrap().unwrap();
        (job.state == State::Done).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_deleted_channels_objects_are_removed_and_the_others_stay() {
    let world = World::new().await;
    world.channel("loft").await;
    world.segments(0..5, 10).await;
    let loft = world.archived("loft", 0, clock::now().minus(Millis::from_secs(10)));
    world.store.segments().insert_many(&[loft]).await.unwrap();
    let uploader = world.uploader(world.settings());
    world.drained().await;
    assert_eq!(world.server.objects().len(), 6);
    world.store.channels().delete("id-of-loft").await.unwrap();
    removal(&world, "loft", clock::now()).await;
    done(&world).await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}

#[tokio::test]
async fn a_deletion_that_was_not_carried_through_removes_nothing() {
    let world = World::new().await;
    world.segments(0..5, 10).await;
    let uploader = world.uploader(world.settings());
    world.drained().await;
    removal(&world, "stage", clock::now()).await;
    done(&world).await;
    world.bucket_has_exactly_the_stage().await;
    uploader.stop().await;
}
