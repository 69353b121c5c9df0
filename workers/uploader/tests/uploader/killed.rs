//! kill -9, again and again.

use std::time::Duration;

use sluice_kit::clock;
use sluice_store::offload::Place;
use sluice_testkit::process::Launch;

use crate::world::World;

const KILLS: i64 = 50;

#[tokio::test]
async fn killed_fifty_times_during_a_show_it_stores_every_segment_once_and_whole() {
    let world = World::new().await;
    let mut env = world.env.clone();
    env.insert("LOG_LEVEL".to_owned(), "warn".to_owned());
    let launch = || Launch::new(env!("CARGO_BIN_EXE_sluice-uploader"), world.dir.path().join("log")).env(&env);
    let mut next = 0;
    for _ in 0..KILLS {
        let mut uploader = launch().start();
        let lives = Duration::from_millis(rand::random_range(30..250));
        let dies = tokio::time::Instant::now() + lives;
        while tokio::time::Instant::now() < dies {
            let row = world.archived("stage", next, clock::now());
            world.store.segments().insert_many(&[row]).await.unwrap();
            next += 1;
            tokio::time::sleep(Duration::from_millis(15)).await; // a show's own pace
        }
        uploader.kill();
    }
    let _last = launch().start();
    world.drained().await;
    world.bucket_has_exactly_the_stage().await;
    let places = world.places().await;
    assert!(places.len() as i64 == next && places.values().all(|place| *place == Place::Both));
}
