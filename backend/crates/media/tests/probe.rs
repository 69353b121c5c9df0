//! Probes of real files by the installed ffprobe, and of ffprobes that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sluice_media::{Error, Ffprobe, probe};
use tempfile::TempDir;

const VIDEO: [&str; 4] = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=30:duration=1"];
const AUDIO: [&str; 4] = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1"];
const H264: [&str; 8] = [
    "-c:v",
    "libx264",
    "-profile:v",
    "high",
    "-pix_fmt",
    "yuv420p",
    "-level:v",
    "3.1",
];
const AAC: [&str; 2] = ["-c:a", "aac"];

/// What ffmpeg makes of these arguments, as a file of the given name.
fn file(name: &str, arguments: &[&[&str]]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(arguments.concat())
        .arg(format!("file:{}", path.display()))
        .output()
        .expect("ffmpeg is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (dir, path)
}

/// One of the programs in `tests/fixtures`, as ffprobe.
fn fake(name: &str) -> Ffprobe {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    Ffprobe {
        program,
        ..Ffprobe::default()
    }
}

#[tokio::test]
async fn a_segment_tells_its_codecs_resolution_and_frame_rate() {
    let (_dir, path) = file("a.ts", &[&VIDEO, &AUDIO, &H264, &AAC]);
    let probe = probe(&path).await.unwrap();
    let video = probe.video.unwrap();
    assert_eq!(
        (video.codec.as_str(), video.profile.as_deref(), video.level),
        ("h264", Some("High"), Some(31))
    );
    assert_eq!(
        (video.width, video.height, video.frame_rate_milli),
        (160, 90, Some(30_000))
    );
    let audio = probe.audio.unwrap();
    assert_eq!((audio.codec.as_str(), audio.profile.as_deref()), ("aac", Some("LC")));
    assert_eq!((audio.sample_rate_hz, audio.channels), (Some(48_000), Some(1)));
}

#[tokio::test]
async fn audio_alone_and_video_alone_are_told_as_such() {
    let (_dir, path) = file("a.ts", &[&AUDIO, &AAC]);
    let audio_only = probe(&path).await.unwrap();
    assert!(audio_only.video.is_none() && audio_only.audio.is_some());
    let (_dir, path) = file("v.ts", &[&VIDEO, &H264]);
    let video_only = probe(&path).await.unwrap();
    assert!(video_only.video.is_some() && video_only.audio.is_none());
}

#[tokio::test]
async fn a_files_name_is_never_an_option_or_a_protocol() {
    for name in ["-version", "http:x.ts", "a b%d.ts", "über.ts"] {
        let (_dir, path) = file(name, &[&VIDEO, &H264, &["-f", "mpegts"]]);
        assert!(probe(&path).await.unwrap().video.is_some(), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_media_is_refused_with_ffprobes_own_words() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("garbage.ts");
    fs::write(&path, "no media at all").unwrap();
    let refused = probe(&path).await.unwrap_err();
    assert!(
        matches!(refused, Error::Refused { .. }) && refused.to_string().contains("Invalid data"),
        "{refused}"
    );
    let missing = probe(&dir.path().join("missing.ts")).await.unwrap_err();
    assert!(missing.to_string().contains("No such file"), "{missing}");
}

#[tokio::test]
async fn an_ffprobe_that_is_not_installed_is_named() {
    let ffprobe = Ffprobe {
        program: "/nonexistent/ffprobe".into(),
        ..Ffprobe::default()
    };
    let missing = ffprobe.probe(Path::new("a.ts")).await.unwrap_err();
    assert_eq!(missing.to_string(), "/nonexistent/ffprobe is not installed");
}

#[tokio::test]
async fn endless_complaints_neither_block_nor_fill_the_memory() {
    let answer = fake("babbles").probe(Path::new("a.ts")).await.unwrap_err();
    assert!(matches!(answer, Error::Answer(_)), "{answer}");
    let Err(Error::Refused { reason, .. }) = fake("complains").probe(Path::new("a.ts")).await else {
        panic!()
    };
    assert!(reason.starts_with("first second \u{fffd} [31m third xxx"), "{reason}");
    assert_eq!(reason.chars().count(), 400);
}

/// The ids that the hanging ffprobe leaves beside the file it is asked about, once it is there.
async fn ids(beside: &Path) -> Vec<String> {
    let pids = PathBuf::from(format!("{}.pids", beside.display()));
    eventually("the fake ffprobe runs", || {
        fs::read_to_string(&pids).is_ok_and(|text| text.ends_with('\n'))
    })
    .await;
    fs::read_to_string(pids)
        .unwrap()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// A process that is gone, or dead and not yet buried.
fn has_ended(id: &str) -> bool {
    fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
        .eq(&false)
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within 20 s: {what}");
}

#[tokio::test]
async fn an_ffprobe_that_hangs_is_killed_with_all_it_has_started() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.ts");
    let ffprobe = Ffprobe {
        time_limit: Duration::from_secs(3),
        ..fake("hangs")
    };
    let slow = ffprobe.probe(&path).await.unwrap_err();
    assert!(slow.to_string().ends_with("killed after 3000 ms"), "{slow}");
    for id in ids(&path).await {
        eventually("the fake ffprobe is dead", || has_ended(&id)).await;
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_ffprobe_along() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.ts");
    let asked = path.clone();
    let caller = tokio::spawn(async move { fake("hangs").probe(&asked).await });
    let ids = ids(&path).await;
    caller.abort();
    for id in ids {
        eventually("the fake ffprobe is dead", || has_ended(&id)).await;
    }
}
