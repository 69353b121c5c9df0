//! The process: kill -9, and whom it lets go first.

use sluice_testkit::process::{Child, Launch};
use sluice_testkit::wait_for;

use crate::seen::Tile;
use crate::world::{BOUND, World};

/// A thumbnailer's process, which is killed when it is dropped.
fn launched(world: &World, path: &str) -> Child {
    let mut env = world.env.clone();
    env.insert("PATH".to_owned(), path.to_owned());
    let log = world.dir.path().join("thumbnailer.log");
    Launch::new(env!("CARGO_BIN_EXE_sluice-thumbnailer"), log)
        .env(&env)
        .start()
}

#[tokio::test]
async fn what_a_killed_thumbnailer_has_not_made_is_made_by_the_next_one() {
    let (world, show) = World::recorded().await;
    // An ffmpeg that never ends, so that it is in the middle of its work for sure.
    let mark = world.dir.path().join("begun");
    world.ffmpeg(&format!("touch {}\nexec sleep 60", mark.display()));
    let path = format!("{}:/usr/bin:/bin", world.dir.path().display());
    let thumbnailer = launched(&world, &path);
    wait_for(BOUND, "it is in the middle of a picture", async || {
        mark.exists().then_some(())
    })
    .await;
    assert!(thumbnailer.stands_back(), "whatever answers viewers goes before it");
    drop(thumbnailer);
    assert!(world.sheets().await.is_empty());
    let _thumbnailer = launched(&world, "/usr/bin:/bin");
    world.complete().await;
    assert_eq!(world.storyboard().await, Tile::expected(&show));
    assert_eq!(
        world.pictures().len(),
        4,
        "two sheets and two posters: {:?}",
        world.pictures()
    );
}
