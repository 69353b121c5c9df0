//! What goes wrong, and what is said about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sluice_domain::clip::Mode;
use sluice_media::{Cut, CutError, Ffmpeg, cut};
use tempfile::TempDir;

use crate::clip::asked;
use crate::show::{NOON, Show, Take};

const RANGE: (i64, i64) = (NOON + 2_500, NOON + 5_500);

fn show() -> Show {
    Show::record(&[Take {
        b_frames: 2,
        length: 8,
        ..Take::default()
    }])
}

/// What comes of a clip whose order was changed by `change`.
async fn refused(show: &Show, mode: Mode, change: impl FnOnce(&mut Cut)) -> CutError {
    let dir = TempDir::new().unwrap();
    let mut cut_it = asked(show, RANGE, mode, &dir);
    change(&mut cut_it);
    cut(cut_it, |_| ()).await.unwrap_err()
}

/// A program of these lines.
fn script(dir: &TempDir, lines: &str) -> Ffmpeg {
    let program = dir.path().join("ffmpeg");
    fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Ffmpeg {
        program,
        ..Ffmpeg::default()
    }
}

#[tokio::test]
async fn a_missing_encoder_is_told_in_either_mode() {
    let show = show();
    for mode in [Mode::Fast, Mode::Accurate] {
        let missing = refused(&show, mode, |cut| cut.ffmpeg.program = "/nonexistent/ffmpeg".into()).await;
        assert_eq!(missing.code(), "encoder_missing", "{missing}");
    }
}

#[tokio::test]
async fn an_encoder_that_hangs_is_killed_with_all_it_has_started() {
    let (show, dir) = (show(), TempDir::new().unwrap());
    let ids = dir.path().join("ids");
    let hung = script(&dir, &format!("sleep 600 &\necho \"$$ $!\" > {}\nwait", ids.display()));
    let late = refused(&show, Mode::Accurate, |cut| {
        cut.ffmpeg = hung;
        cut.time_limit = Duration::from_secs(3);
    })
    .await;
    assert_eq!(late.code(), "timed_out", "{late}");
    for id in fs::read_to_string(&ids).unwrap().split_whitespace() {
        has_ended(id).await;
    }
}

/// Waits until a process is gone, or dead and not yet buried.
async fn has_ended(id: &str) {
    for _ in 0..500 {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"));
        if stat.is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        } else {
            return;
        }
    }
    panic!("process {id} lives");
}

#[tokio::test]
async fn an_encoder_that_complains_without_end_neither_blocks_nor_fills_the_memory() {
    let (show, dir) = (show(), TempDir::new().unwrap());
    let babbles = script(&dir, "head -c 20000000 /dev/zero | tr '\\0' 'x' >&2\nexit 1");
    let refused = refused(&show, Mode::Accurate, |cut| cut.ffmpeg = babbles).await;
    assert_eq!(refused.code(), "internal");
    assert!(refused.to_string().len() < 1_000);
}

#[tokio::test]
async fn a_segment_that_is_damaged_is_named_as_such() {
    let show = show();
    let path = show.segments[1].path.clone();
    let whole = fs::read(&path).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        bytes
    };
    let middle = whole.len() / 188 / 2 * 188;
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("no transport stream", b"<html>".repeat(1000)),
        (
            "packets missing",
            with(&|bytes| drop(bytes.drain(middle..middle + 188 * 3))),
        ),
        ("zeros", with(&|bytes| bytes[middle..middle + 4096].fill(0))),
        ("one byte too many", with(&|bytes| bytes.insert(middle, 7))),
    ] {
        fs::write(&path, bytes).unwrap();
        for mode in [Mode::Fast, Mode::Accurate] {
            let damaged = refused(&show, mode, |_| ()).await;
            assert_eq!(damaged.code(), "damaged_segment", "{what}: {damaged}");
            assert!(damaged.to_string().contains(&path.display().to_string()), "{damaged}");
        }
    }
}

#[tokio::test]
async fn there_is_nothing_outside_of_the_show() {
    let show = show();
    let nothing = refused(&show, Mode::Accurate, |cut| {
        cut.start.0 = NOON - 10_000;
        cut.end.0 = NOON - 5_000;
    })
    .await;
    assert_eq!(nothing.code(), "no_segments_in_range");
}

/// A file system of so many bytes; none where one may not mount.
struct Tiny(PathBuf);

impl Tiny {
    fn mount(dir: &Path, bytes: u32) -> Option<Self> {
        let place = dir.join("tiny");
        fs::create_dir(&place).unwrap();
        let size = format!("size={bytes}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&place)
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(place))
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_whoever_meets_it() {
    let (show, dir) = (show(), TempDir::new().unwrap());
    let clip = asked(&show, RANGE, Mode::Accurate, &dir);
    cut(clip, |_| ()).await.unwrap();
    let needed = u32::try_from(fs::metadata(dir.path().join("clip.mp4")).unwrap().len()).unwrap();
    // Too little for what is decoded; enough for that, but not for what ffmpeg makes of it or for the clip.
    for bytes in [4096, needed / 4, needed / 2] {
        let Some(tiny) = Tiny::mount(dir.path(), bytes) else {
            return eprintln!("no file system can be mounted here: the case is left out");
        };
        let full = refused(&show, Mode::Accurate, |cut| {
            cut.scratch.clone_from(&tiny.0);
            cut.out = tiny.0.join("clip.mp4");
            cut.poster = tiny.0.join("clip.jpg");
        })
        .await;
        assert_eq!(full.code(), "disk_full", "{bytes}: {full}");
        drop(tiny);
        fs::remove_dir(dir.path().join("tiny")).unwrap();
    }
}
