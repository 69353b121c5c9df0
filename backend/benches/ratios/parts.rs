//! From a part's last byte, as nginx writes it, to its presence in the playlist; and what it costs to look for it.
//!
//! When a byte was written is seen by looking at the growing files, so it is seen late, by up to the time between two
//! looks; presence is the arrival of an answer that was waited for. What a waiting player notices is measured, all of
//! it: finding the part, listing it, answering.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sluice_testkit::process::{Child, Launch};
use sluice_testkit::{Api, Stack, wait_for};
use tempfile::TempDir;

use crate::client::{self, Connection};
use crate::meter;
use crate::table::Row;

const TIMED: usize = 4;
const TAILED: usize = 50;
const LASTS: Duration = Duration::from_secs(40);
/// Between two looks at a growing file; the figure is too small by half of it on average.
const LOOK: Duration = Duration::from_micros(500);
const AIM_MS: f64 = 30.0;
const AIM_CPU_PERCENT: f64 = 15.0;
/// The tables in front of each part but a segment's first.
const TABLES: u64 = 376;

pub(crate) async fn measure() -> Vec<Row> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    encode(&dir);
    vec![lag(&dir).await, cost(&dir).await]
}

/// A minute of 2 Mb/s at thirty frames a second, one keyframe in two seconds.
fn encode(dir: &TempDir) {
    let made = Command::new("ffmpeg")
        .args("-hide_banner -nostdin -loglevel error -f lavfi -i testsrc2=s=1280x720:r=30".split(' '))
        .args("-f lavfi -i sine=f=440:r=44100 -t 60 -c:v libx264 -preset ultrafast -tune zerolatency".split(' '))
        .args("-pix_fmt yuv420p -g 60 -keyint_min 60 -sc_threshold 0 -x264-params nal-hrd=cbr".split(' '))
        .args("-b:v 1900k -minrate 1900k -maxrate 1900k -bufsize 1900k -c:a aac -b:a 96k -f flv".split(' '))
        .arg(dir.path().join("show.flv"))
        .output()
        .expect("ffmpeg is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A channel on air.
struct Show {
    slug: String,
    spool: PathBuf,
    _encoder: Child,
}

impl Show {
    /// All of one account, as sign-ups are limited.
    async fn begin(stack: &Stack, owner: &Api, dir: &TempDir, number: usize) -> Self {
        let slug = format!("show-{number}");
        owner.channel(&slug).await;
        let key = owner.key(&slug).await;
        let encoder = Launch::new("ffmpeg", dir.path().join(format!("{slug}.log")))
            .args("-hide_banner -nostdin -loglevel error -re -stream_loop -1 -i show.flv -c copy -f flv".split(' '))
            .args([&stack.rtmp_url(&key.key)])
            .start();
        let session = wait_for(Duration::from_secs(20), "the show is on the record", async || {
            let sessions = owner.sessions(&slug).await;
            Some(sessions.first()?["id"].as_str()?.to_owned())
        })
        .await;
        Self {
            slug,
            spool: stack.config().spool_dir().join(session),
            _encoder: encoder,
        }
    }
}

async fn lag(dir: &TempDir) -> Row {
    let stack = Stack::start().await;
    let owner = stack.backend_api().signed_up("owner").await;
    let mut watching = Vec::new();
    for number in 0..TIMED {
        let show = Show::begin(&stack, &owner, dir, number).await;
        let port = stack.config().backend_port;
        watching.push(std::thread::spawn(move || lags_of(&show, port)));
    }
    let watched = watching
        .into_iter()
        .flat_map(|show| show.join().expect("a show that goes on"));
    let mut lags: Vec<f64> = watched.collect();
    lags.sort_by(f64::total_cmp);
    let at = |percent: usize| lags[(lags.len() - 1) * percent / 100];
    Row {
        what: format!("a part's way into the playlist, {TIMED} channels, {} parts", lags.len()),
        result: format!("p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms", at(50), at(99), at(100)),
        aim: format!("≤ {AIM_MS} ms"),
        met: at(99) <= AIM_MS,
    }
}

/// A part: when it was listed, and how long it is.
struct Listed {
    at: Instant,
    bytes: u64,
}

fn lags_of(show: &Show, port: u16) -> Vec<f64> {
    let spool = show.spool.clone();
    let growing = std::thread::spawn(move || grown(&spool));
    let listed = listed(&show.slug, port);
    let files = growing.join().expect("a spool that can be read");
    let mut lags = Vec::new();
    // nginx's files in order are the channel's segments, from 1 on, as this is its first session.
    for (growth, msn) in files.values().zip(1..) {
        let Some(parts) = listed.get(&msn) else { continue };
        let mut end = 0;
        // The last part is only known by the segment's close.
        for part in parts.iter().take(parts.len().saturating_sub(1)) {
            end += part.bytes;
            let written = growth.iter().find(|(_, bytes)| *bytes >= end);
            lags.extend(written.map(|(at, _)| part.at.saturating_duration_since(*at).as_secs_f64() * 1e3));
        }
    }
    lags
}

/// When each file of a spool reached which length.
fn grown(spool: &Path) -> BTreeMap<String, Vec<(Instant, u64)>> {
    let begun = Instant::now();
    let mut files: BTreeMap<String, Vec<(Instant, u64)>> = BTreeMap::new();
    while begun.elapsed() < LASTS {
        for entry in fs::read_dir(spool).expect("the session's spool is there").flatten() {
            let name = entry.file_name().into_string().expect("a name of digits");
            let Ok(bytes) = entry.metadata().map(|metadata| metadata.len()) else {
                continue;
            };
            let growth = files.entry(name).or_default();
            if growth.last().is_none_or(|(_, before)| *before < bytes) {
                growth.push((Instant::now(), bytes));
            }
        }
        std::thread::sleep(LOOK);
    }
    files.retain(|name, _| name.ends_with(".ts"));
    files
}

/// A player's view: every part of each segment that was seen from its first part on, by the segment's number.
fn listed(slug: &str, port: u16) -> BTreeMap<usize, Vec<Listed>> {
    let begun = Instant::now();
    let (mut waiting, mut fetching) = (Connection::open(port), Connection::open(port));
    let mut segments: BTreeMap<usize, Vec<Listed>> = BTreeMap::new();
    let mut next = (0, 0);
    while begun.elapsed() < LASTS {
        let (msn, part) = next;
        let query = if part + msn == 0 {
            String::new()
        } else {
            format!("?_HLS_msn={msn}&_HLS_part={part}")
        };
        let answer = waiting.ask(&client::get(&format!("/live/{slug}/live.m3u8{query}"), ""));
        let at = Instant::now();
        let text = String::from_utf8(answer.body).expect("a playlist is text");
        if answer.status != 200 {
            std::thread::sleep(LOOK * 40);
            continue;
        }
        let (msn, names) = edge(&text);
        let seen = segments.entry(msn).or_default();
        let is_whole = seen.len() + 1 == names.len();
        if is_whole {
            let name = names.last().expect("a part");
            let bytes = fetching
                .ask(&client::get(&format!("/live/{slug}/{name}"), ""))
                .body
                .len() as u64;
            let bytes = if seen.is_empty() { bytes } else { bytes - TABLES };
            seen.push(Listed { at, bytes });
        }
        next = (msn, names.len());
    }
    segments
}

/// The number of the segment that is being written, and its parts.
fn edge(playlist: &str) -> (usize, Vec<&str>) {
    let first = playlist
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"));
    let first: usize = first.expect("a sequence number").parse().expect("a number");
    let (_, open) = playlist.rsplit_once("#EXTINF:").unwrap_or_default();
    let parts = open.lines().filter(|line| line.starts_with("#EXT-X-PART:"));
    let names = parts.filter_map(|line| line.split('"').nth(1));
    (first + playlist.matches("#EXTINF:").count(), names.collect())
}

async fn cost(dir: &TempDir) -> Row {
    // A viewer that has not asked for 20 s is gone.
    const MEASURED: Duration = Duration::from_secs(15);
    let stack = Stack::start().await;
    let owner = stack.backend_api().signed_up("owner").await;
    let mut shows = Vec::new();
    for number in 0..TAILED {
        shows.push(Show::begin(&stack, &owner, dir, number).await);
    }
    let percent = || {
        let backend = stack.backend_id().expect("the backend runs");
        let before = meter::cpu(backend);
        std::thread::sleep(MEASURED);
        meter::cpu(backend).saturating_sub(before).as_secs_f64() / MEASURED.as_secs_f64() * 100.0
    };
    let idle = percent();
    let mut viewer = Connection::open(stack.config().backend_port);
    for show in &shows {
        viewer.ask(&client::get(&format!("/live/{}/live.m3u8", show.slug), ""));
    }
    let tailed = percent();
    Row {
        what: format!("the backend's CPU with {TAILED} channels of 2 Mb/s, all cut into parts"),
        result: format!("{tailed:.1}% of a core, {:.1}% of it for parts", tailed - idle),
        aim: format!("≤ {AIM_CPU_PERCENT}%"),
        met: tailed - idle <= AIM_CPU_PERCENT,
    }
}
