//! kill -9.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command};

use sluice_domain::clip::{Mode, State};
use sluice_testkit::wait_for;

use crate::judge::Seen;
use crate::picture::Size;
use crate::show::{NOON, Show, Take};
use crate::world::{BOUND, World};

/// A clipper's process, which is killed when this is dropped.
struct Process(Child);

impl Process {
    fn start(world: &World, path: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice-clipper"));
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
async fn a_clip_whose_clipper_is_killed_is_ready_after_a_restart_once() {
    let (world, show) = (World::new().await, Show::record(&[Take::default()]));
    world.record(&show, 0..9).await;
    // An ffmpeg that never ends, so that the clipper is in the middle of the clip for sure.
    let bin = world.dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("ffmpeg"), "#!/bin/sh\nexec sleep 60\n").unwrap();
    fs::set_permissions(bin.join("ffmpeg"), fs::Permissions::from_mode(0o755)).unwrap();
    let clipper = Process::start(&world, &format!("{}:/usr/bin:/bin", bin.display()));
    let id = world.ask((NOON + 2_500, NOON + 5_500), Mode::Accurate).await;
    wait_for(BOUND, "the clip is in the middle", async || {
        world
            .scratch()
            .iter()
            .any(|dir| dir.join("source-0.h264").exists())
            .then_some(())
    })
    .await;
    drop(clipper);
    assert_eq!(world.clip(&id).await.state, State::Running, "nobody said otherwise");
    let _clipper = Process::start(&world, "/usr/bin:/bin");
    let clip = world.over(&id).await;
    assert_eq!((clip.state, clip.reason), (State::Ready, None));
    assert_eq!(
        Seen::of(&world.film(&id), Size(160, 96)).numbers,
        (75..165).collect::<Vec<_>>()
    );
    assert_eq!(world.clip_objects().len(), 2);
    wait_for(BOUND, "nothing is left of it", async || {
        world.scratch().is_empty().then_some(())
    })
    .await;
}
