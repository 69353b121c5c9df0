//! kill -9.

use std::process::{Child, Command};

use sluice_testkit::wait_for;

use crate::seen::Tile;
use crate::world::{BOUND, World};

/// A thumbnailer's process, which is killed when this is dropped.
struct Process(Child);

impl Process {
    fn start(world: &World, path: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice-thumbnailer"));
        let started = command
            .env_clear()
            .envs(&world.env)
            .env("PATH", path)
            .current_dir(world.dir.path())
            .spawn();
        Self(started.unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn what_a_killed_thumbnailer_has_not_made_is_made_by_the_next_one() {
    let (world, show) = World::recorded().await;
    // An ffmpeg that never ends, so that it is in the middle of its work for sure.
    let mark = world.dir.path().join("begun");
    world.ffmpeg(&format!("touch {}\nexec sleep 60", mark.display()));
    let path = format!("{}:/usr/bin:/bin", world.dir.path().display());
    let thumbnailer = Process::start(&world, &path);
    wait_for(BOUND, "it is in the middle of a picture", async || {
        mark.exists().then_some(())
    })
    .await;
    drop(thumbnailer);
    assert!(world.sheets().await.is_empty());
    let _thumbnailer = Process::start(&world, "/usr/bin:/bin");
    world.complete().await;
    assert_eq!(world.storyboard().await, Tile::expected(&show));
    assert_eq!(
        world.pictures().len(),
        4,
        "two sheets and two posters: {:?}",
        world.pictures()
    );
}
