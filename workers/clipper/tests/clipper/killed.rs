//! The process: kill -9, and whom it lets go first.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use sluice_domain::clip::{Mode, State};
use sluice_testkit::process::{Child, Launch};
use sluice_testkit::wait_for;

use crate::judge::Seen;
use crate::picture::Size;
use crate::show::{NOON, Show, Take};
use crate::world::{BOUND, World};

/// A clipper's process, which is killed when it is dropped.
fn launched(world: &World, path: &str) -> Child {
    let mut env = world.env.clone();
    env.insert("PATH".to_owned(), path.to_owned());
    let log = world.dir.path().join("clipper.log");
    Launch::new(env!("CARGO_BIN_EXE_sluice-clipper"), log).env(&env).start()
}

#[tokio::test]
async fn a_clip_whose_clipper_is_killed_is_ready_after_a_restart_once() {
    let (world, show) = (World::new().await, Show::record(&[Take::default()]));
    world.record(&show.segments, 0..9).await;
    // An ffmpeg that never ends, so that the clipper is in the middle of the clip for sure.
    let bin = world.dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("ffmpeg"), "#!/bin/sh\nexec sleep 60\n").unwrap();
    fs::set_permissions(bin.join("ffmpeg"), fs::Permissions::from_mode(0o755)).unwrap();
    let clipper = launched(&world, &format!("{}:/usr/bin:/bin", bin.display()));
    let id = world.ask((NOON + 2_500, NOON + 5_500), Mode::Accurate).await;
    wait_for(BOUND, "the clip is in the middle", async || {
        world
            .scratch()
            .iter()
            .any(|dir| dir.join("source-0.h264").exists())
            .then_some(())
    })
    .await;
    assert!(clipper.stands_back(), "whatever answers viewers goes before it");
    drop(clipper);
    assert_eq!(world.clip(&id).await.state, State::Running, "nobody said otherwise");
    let _clipper = launched(&world, "/usr/bin:/bin");
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
