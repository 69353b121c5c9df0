//! How long half a minute of a 1080p30 show takes to cut, beside ffmpeg in the same run, and how soon a clip that is asked
//! for is ready; and what that costs those who watch. `scripts/bench clips` runs it.
//!
//! Cuts are made on the clipper's share of the machine, ffmpeg beside them has all of it.
//! The show has a keyframe every 2 s and lies in a warm archive; the clip begins and ends in the middle of groups.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    missing_docs
)] // a benchmark that cannot go on says so and stops, as a test does

mod playlists;
mod raw;
mod recording;
mod site;

use std::future::Future;
use std::thread;
use std::time::{Duration, Instant};

use sluice_domain::clip::Mode;
use sluice_media::{Cut, cut};
use tokio::runtime::Runtime;

use recording::Recording;

/// Each is measured so often; the median counts.
const ROUNDS: usize = 5;

fn main() {
    let recording = Recording::make();
    let copy = median(|| raw::copy(&recording));
    // Takes longest by far, and varies least.
    let encode = raw::encode(&recording);
    println!(
        "\n30 s of 1080p30, GOP 2 s, {:.1} MB of segments",
        recording.megabytes()
    );
    println!("ffmpeg -c copy                  {:>8.3} s", copy.as_secs_f64());
    println!("ffmpeg, full veryfast re-encode {:>8.3} s", encode.as_secs_f64());
    for (mode, beside, most, soon) in [(Mode::Fast, copy, 1.3, 0.5), (Mode::Accurate, encode, 0.12, 1.5)] {
        let took = median(|| {
            let began = Instant::now();
            as_the_clipper(|| cut_once(&recording, mode));
            began.elapsed()
        });
        let ratio = took.as_secs_f64() / beside.as_secs_f64();
        let word = mode.as_str();
        println!(
            "{word:<31} {:>8.3} s  {ratio:>6.3} of it (at most {most}): {}",
            took.as_secs_f64(),
            verdict(ratio <= most)
        );
        let ready = as_the_clipper(|| site::ready_after(&recording, mode, ROUNDS)).as_secs_f64();
        println!(
            "{word} from request to ready   {ready:>8.3} s  (aim {soon} s): {}",
            verdict(ready <= soon)
        );
    }
    let waits = runtime().block_on(playlists::measure(&recording));
    let ratio = waits.cutting.as_secs_f64() / waits.idle.as_secs_f64();
    println!(
        "live.m3u8 p99, no clips         {:>8.3} ms",
        waits.idle.as_secs_f64() * 1e3
    );
    println!(
        "live.m3u8 p99, 8 in flight      {:>8.3} ms {ratio:>6.3} of it (at most 1.2), {} made: {}",
        waits.cutting.as_secs_f64() * 1e3,
        waits.clips,
        verdict(ratio <= 1.2)
    );
}

/// Does something on the clipper's share of the machine.
fn as_the_clipper<T: Send, F: Future<Output = T>>(work: impl FnOnce() -> F + Send) -> T {
    let stood_back = || {
        sluice_kit::stand_back();
        runtime().block_on(work())
    };
    thread::scope(|threads| threads.spawn(stood_back).join().expect("no panic"))
}

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

async fn cut_once(recording: &Recording, mode: Mode) {
    let dir = tempfile::tempdir().unwrap();
    let (start, end) = recording.range();
    let cut_it = Cut {
        segments: recording.segments.clone(),
        start,
        end,
        mode,
        title: None,
        out: dir.path().join("clip.mp4"),
        poster: dir.path().join("clip.jpg"),
        scratch: dir.path().to_owned(),
        time_limit: Duration::from_secs(60),
        ffmpeg: sluice_clipper::encoder(),
    };
    cut(cut_it, |_| ()).await.expect("a clip");
}

fn median(measure: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = std::iter::repeat_with(measure).take(ROUNDS).collect();
    all.sort();
    all[ROUNDS / 2]
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
