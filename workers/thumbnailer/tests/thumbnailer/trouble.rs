//! Foul weather: what cannot be shown is left out, and what may pass is waited for.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_objects::Key;
use sluice_testkit::s3::{Request, Trouble};
use sluice_testkit::site::STAGE;
use sluice_testkit::wait_for;

use crate::seen::Tile;
use crate::show::Show;
use crate::world::{BOUND, World};

/// Where a segment of the show lies in the archive.
fn archived(world: &World, show: &Show, msn: usize) -> std::path::PathBuf {
    let name = sluice_testkit::site::name(show.segments[msn].started_at, msn as i64);
    world.archive.path("stage", &name).unwrap()
}

/// Has a segment be in the object store alone.
async fn is_stored(world: &World, show: &Show, msn: usize) {
    let (file, number) = (archived(world, show, msn), msn as i64);
    let name = sluice_testkit::site::name(show.segments[msn].started_at, number);
    let key = Key::segment("stage", &name).unwrap();
    world.objects.put(&key, &file).await.unwrap();
    let offload = world.store.offload();
    assert!(offload.stored(STAGE, number, "checksum", Millis(0)).await.unwrap());
    offload.evicted(&[(STAGE, number)], Millis(0)).await.unwrap();
    fs::remove_file(file).unwrap();
}

/// With all mended, everything is there, without a restart.
async fn is_made_after_all(world: &World, show: &Show) {
    world.complete().await;
    assert_eq!(world.storyboard().await, Tile::expected(show));
}

#[tokio::test]
async fn a_damaged_segment_is_replaced_by_the_next_one() {
    let (world, show) = World::recorded().await;
    // The first is no media at all, the second is cut short.
    fs::write(archived(&world, &show, 0), [0x42; 50_000]).unwrap();
    let cut = fs::read(archived(&world, &show, 5)).unwrap();
    fs::write(archived(&world, &show, 5), &cut[..1000]).unwrap();
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    let storyboard = world.storyboard().await;
    let moments = |tiles: &[Tile]| tiles.iter().map(|tile| tile.moment).collect::<Vec<_>>();
    let mut expected = moments(&Tile::expected(&show));
    expected[0] += 2000;
    expected[1] += 2000;
    assert_eq!(moments(&storyboard), expected);
    let frame = |tile: &Tile| {
        show.frames
            .iter()
            .find(|frame| frame.wall_ms == tile.moment)
            .unwrap()
            .number
    };
    assert!(
        storyboard.iter().all(|tile| tile.number == frame(tile)),
        "{storyboard:?}"
    );
}

#[tokio::test]
async fn sound_alone_has_no_pictures_and_is_not_looked_at_again() {
    let world = World::new().await;
    let show = crate::world::shows();
    for source in &show.segments {
        let sound = source.path.with_extension("aac.ts");
        let mut ffmpeg = std::process::Command::new("ffmpeg");
        ffmpeg
            .args(["-v", "error", "-i"])
            .arg(&source.path)
            .args(["-vn", "-c", "copy"])
            .arg(&sound);
        assert!(ffmpeg.status().unwrap().success());
        fs::rename(sound, &source.path).unwrap();
    }
    world.record(&show.segments, 0..show.segments.len()).await;
    world.goes_live().await;
    let _thumbnailer = world.thumbnailer(world.settings());
    world.complete().await;
    assert!(world.sheets().await.is_empty() && world.posters().await.is_empty() && world.pictures().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_keeps_nothing_else_waiting_and_is_made_once_it_can() {
    let (world, show) = World::recorded().await;
    world.goes_live().await;
    // A disk that gives back errors: for the first sheet, and for the channel that is live.
    let (first, newest) = (
        archived(&world, &show, 0),
        archived(&world, &show, show.segments.len() - 1),
    );
    let aside = |path: &Path| path.with_extension("aside");
    for path in [&first, &newest] {
        fs::rename(path, aside(path)).unwrap();
        fs::create_dir(path).unwrap();
    }
    let _thumbnailer = world.thumbnailer(world.settings());
    wait_for(BOUND, "all else is made", async || {
        (world.sheets().await.len() == 1 && world.posters().await.len() == 2).then_some(())
    })
    .await;
    assert_eq!(world.live().await, None);
    for path in [&first, &newest] {
        fs::remove_dir(path).unwrap();
        fs::rename(aside(path), path).unwrap();
    }
    is_made_after_all(&world, &show).await;
    wait_for(BOUND, "the channel is shown", async || world.live().await).await;
}

#[tokio::test]
async fn segments_without_a_picture_are_read_once_while_their_sheet_grows() {
    let world = World::new().await;
    let mut show = crate::world::shows();
    let begin = clock::now();
    let moved = begin.since(show.segments[0].started_at);
    for source in &mut show.segments {
        source.started_at = source.started_at.plus(moved);
        fs::write(&source.path, [0x42; 50_000]).unwrap();
    }
    let read = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let reads = Arc::clone(&read);
    world.front.plan(move |request: &Request| {
        let is_read = request.method == "GET" && request.path.contains(".ts");
        if is_read {
            *reads.lock().unwrap().entry(request.path.clone()).or_default() += 1;
        }
        None
    });
    world.record(&show.segments, 0..1).await;
    is_stored(&world, &show, 0).await;
    let _thumbnailer = world.thumbnailer(world.settings());
    // Those of the first ten seconds; no poster is taken of them.
    for msn in 1..5 {
        world.record(&show.segments, msn..msn + 1).await;
        is_stored(&world, &show, msn).await;
        wait_for(BOUND, "the sheet is as new as it can be", async || {
            let all = (Millis(0), Millis(i64::MAX));
            let lacking = world.store.thumbnails().lacking(all, Millis(i64::MAX), 9).await;
            lacking.unwrap().is_empty().then_some(())
        })
        .await;
    }
    let read = read.lock().unwrap();
    assert!(!read.is_empty() && read.values().all(|times| *times == 1), "{read:?}");
}

#[tokio::test]
async fn an_ffmpeg_that_is_missing_is_waited_for() {
    let (world, show) = World::recorded().await;
    let mut settings = world.settings();
    settings.ffmpeg.program = world.dir.path().join("ffmpeg");
    let _thumbnailer = world.thumbnailer(settings);
    wait_for(BOUND, "it was tried", async || {
        let mut dirs = fs::read_dir(world.config.thumbnailer_dir()).ok()?;
        dirs.any(|dir| dir.is_ok_and(|dir| dir.path().join("keyframes-0.h264").exists()))
            .then_some(())
    })
    .await;
    assert!(world.pictures().is_empty());
    world.ffmpeg("exec /usr/bin/ffmpeg \"$@\"");
    is_made_after_all(&world, &show).await;
}

#[tokio::test]
async fn an_ffmpeg_that_hangs_is_killed_and_keeps_nothing_else_waiting() {
    let (world, _show) = World::recorded().await;
    let mut settings = world.settings();
    // It hangs once, over what is made first: the newest sheet.
    let mark = world.dir.path().join("hung");
    let lines = format!(
        "[ -e {mark} ] || {{ touch {mark}; sleep 600; }}\nexec /usr/bin/ffmpeg \"$@\"",
        mark = mark.display()
    );
    settings.ffmpeg.program = world.ffmpeg(&lines);
    settings.time_limit = Duration::from_secs(2);
    let _thumbnailer = world.thumbnailer(settings);
    wait_for(BOUND, "all else is made", async || {
        (world.sheets().await.len() + world.posters().await.len() >= 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_object_store_that_is_away_is_waited_for() {
    for trouble in [Trouble::Away, Trouble::Busy, Trouble::Truncated] {
        let (world, show) = World::recorded().await;
        world.offload().await;
        world.front.plan(move |_: &Request| Some(trouble));
        let _thumbnailer = world.thumbnailer(world.settings());
        wait_for(BOUND, "it was tried", async || {
            (world.front.requests() > 3).then_some(())
        })
        .await;
        assert!(world.pictures().is_empty());
        world.front.plan(|_| None);
        is_made_after_all(&world, &show).await;
        world.nothing_else_is_kept().await;
    }
}

#[tokio::test]
async fn a_segment_on_another_machines_disk_is_waited_for() {
    let (world, show) = World::recorded().await;
    let aside = world.dir.path().join("elsewhere.ts");
    fs::rename(archived(&world, &show, 0), &aside).unwrap();
    let thumbnailer = world.thumbnailer(world.settings());
    wait_for(BOUND, "the other sheet is made", async || {
        (world.sheets().await.len() == 1).then_some(())
    })
    .await;
    thumbnailer.stop().await;
    fs::rename(&aside, archived(&world, &show, 0)).unwrap();
    let _thumbnailer = world.thumbnailer(world.settings());
    is_made_after_all(&world, &show).await;
}
