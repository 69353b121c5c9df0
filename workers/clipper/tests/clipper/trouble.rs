//! Foul weather: a clip that comes to nothing says why, leaves nothing behind, and can be tried again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sluice_clipper::Settings;
use sluice_domain::clip::{Mode, Reason, State};
use sluice_testkit::s3::{Request, Trouble};

use crate::show::{NOON, Show, Take};
use crate::world::World;

const RANGE: (i64, i64) = (NOON + 2_500, NOON + 5_500);

fn show() -> Show {
    Show::record(&[Take {
        b_frames: 2,
        length: 8,
        ..Take::default()
    }])
}

async fn recorded() -> (World, Show) {
    let (world, show) = (World::new().await, show());
    world.record(&show.segments, 0..9).await;
    (world, show)
}

/// A clip made with these settings comes to nothing for that reason and leaves nothing behind. Returns its id.
async fn fails(world: &World, settings: Settings, mode: Mode, reason: Reason) -> String {
    let clipper = world.clipper(settings);
    let id = world.ask(RANGE, mode).await;
    let clip = world.over(&id).await;
    assert_eq!((clip.state, clip.reason), (State::Failed, Some(reason)));
    clipper.stop().await;
    assert!(world.scratch().is_empty(), "{:?}", world.scratch());
    assert!(world.clip_objects().is_empty(), "{:?}", world.clip_objects());
    id
}

/// With all mended, a clip that came to nothing is made when it is tried again.
async fn is_made_again(world: &World, id: &str) {
    let clipper = world.clipper(world.settings());
    world.retry(id).await;
    let clip = world.over(id).await;
    assert_eq!((clip.state, clip.reason), (State::Ready, None));
    assert_eq!(world.clip_objects().len(), 2);
    clipper.stop().await;
}

/// A program that does as told in the place of ffmpeg.
fn ffmpeg(world: &World, lines: &str) -> PathBuf {
    let program = world.dir.path().join("ffmpeg");
    fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[tokio::test]
async fn without_ffmpeg_there_is_no_clip() {
    let (world, _show) = recorded().await;
    let mut settings = world.settings();
    settings.ffmpeg.program = "/nonexistent/ffmpeg".into();
    let id = fails(&world, settings, Mode::Fast, Reason::EncoderMissing).await;
    is_made_again(&world, &id).await;
}

#[tokio::test]
async fn an_ffmpeg_that_hangs_is_given_up() {
    let (world, _show) = recorded().await;
    let mut settings = world.settings();
    settings.ffmpeg.program = ffmpeg(&world, "sleep 600");
    // Three times the clip's length comes on top.
    settings.time_limit = Duration::ZERO;
    let id = fails(&world, settings, Mode::Accurate, Reason::TimedOut).await;
    is_made_again(&world, &id).await;
}

#[tokio::test]
async fn a_damaged_segment_is_said_to_be_one() {
    let (world, show) = recorded().await;
    let segment = world.archived(&show, 1);
    let whole = fs::read(&segment).unwrap();
    let mut damaged = whole.clone();
    damaged[1880..4000].fill(0);
    fs::write(&segment, damaged).unwrap();
    let id = fails(&world, world.settings(), Mode::Accurate, Reason::DamagedSegment).await;
    fs::write(&segment, whole).unwrap();
    is_made_again(&world, &id).await;
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full() {
    let (world, _show) = recorded().await;
    let scratch = world.dir.path().join("tiny");
    fs::create_dir(&scratch).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=20k", "tmpfs"])
        .arg(&scratch)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        return eprintln!("no file system can be mounted here: the case is left out");
    }
    let mut settings = world.settings();
    // The clipper clears the directory itself, which must not be the mount.
    settings.scratch = scratch.join("clipper");
    let id = fails(&world, settings.clone(), Mode::Accurate, Reason::DiskFull).await;
    assert!(!fs::read_dir(&settings.scratch).is_ok_and(|mut entries| entries.next().is_some()));
    Command::new("umount").arg(&scratch).status().unwrap();
    is_made_again(&world, &id).await;
}

#[tokio::test]
async fn a_clip_that_could_fill_the_disk_is_not_begun() {
    let (world, _show) = recorded().await;
    let mut settings = world.settings();
    settings.scratch_bytes = 1000;
    let id = fails(&world, settings, Mode::Fast, Reason::DiskFull).await;
    is_made_again(&world, &id).await;
}

#[tokio::test]
async fn an_object_store_that_stops_half_way_is_said_not_to_answer() {
    for trouble in [Trouble::Truncated, Trouble::Away, Trouble::Busy] {
        let (world, _) = recorded().await;
        world.offload().await;
        world
            .front
            .plan(move |request: &Request| (request.method == "GET").then_some(trouble));
        let id = fails(&world, world.settings(), Mode::Fast, Reason::StorageUnavailable).await;
        world.front.plan(|_| None);
        is_made_again(&world, &id).await;
    }
}

#[tokio::test]
async fn an_object_store_that_does_not_take_the_clip_is_said_not_to_answer() {
    let (world, _show) = recorded().await;
    world.front.plan(|request: &Request| {
        (request.method != "DELETE" && request.path.contains(".mp4")).then_some(Trouble::Reset)
    });
    let id = fails(&world, world.settings(), Mode::Fast, Reason::StorageUnavailable).await;
    world.front.plan(|_| None);
    is_made_again(&world, &id).await;
}

#[tokio::test]
async fn what_is_gone_everywhere_is_said_to_be_gone() {
    let (world, show) = recorded().await;
    fs::remove_file(world.archived(&show, 1)).unwrap();
    fails(&world, world.settings(), Mode::Fast, Reason::NoSegmentsInRange).await;
}
