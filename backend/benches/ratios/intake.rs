//! From nginx's commit of a segment to its presence in the playlist, with the real nginx and real encoders.
//!
//! The commit is the change time of nginx's playlist, which the kernel stamps to a tick of 1 to 4 ms, always early;
//! presence is an answer that lists a new segment. Both make the figure larger than the truth, never smaller.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sluice_testkit::process::{Child, Launch};
use sluice_testkit::{Stack, wait_for};

use crate::client::{self, Connection};
use crate::feed;
use crate::table::Row;

const CHANNELS: usize = 10;
const LASTS: Duration = Duration::from_secs(50);
const SAMPLE_SECONDS: &str = "70";
/// Between two looks at the ten playlists of nginx; part of the figure, as a late look sees the answer late.
const LOOK: Duration = Duration::from_micros(500);
const AIM_MS: f64 = 20.0;

pub(crate) async fn measure() -> Row {
    let stack = Stack::start().await;
    let dir = tempfile::tempdir().expect("a temporary directory");
    feed::encode(&dir, "show.flv", SAMPLE_SECONDS, "flv");
    let mut shows = Vec::new();
    for number in 0..CHANNELS {
        shows.push(Show::begin(&stack, &dir, number).await);
    }
    let mut lags = watch(&mut shows);
    lags.sort_by(f64::total_cmp);
    let at = |percent: usize| lags[(lags.len() - 1) * percent / 100];
    Row {
        what: format!(
            "a segment's way into the playlist, {CHANNELS} channels, {} segments",
            lags.len()
        ),
        result: format!("p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms", at(50), at(99), at(100)),
        aim: format!("≤ {AIM_MS} ms"),
        met: at(99) <= AIM_MS,
    }
}

/// A channel on air.
struct Show {
    nginx_playlist: PathBuf,
    request: Vec<u8>,
    port: u16,
    /// Opened at the first look: the backend closes one that says nothing for seconds.
    connection: Option<Connection>,
    /// The newest commit that is in the playlist already.
    seen: f64,
    /// The newest segment listed.
    last: String,
    _encoder: Child,
}

impl Show {
    async fn begin(stack: &Stack, dir: &tempfile::TempDir, number: usize) -> Self {
        let slug = format!("show-{number}");
        // One account for all: sign-ups are limited.
        let api = stack.backend_api();
        let owner = match number {
            0 => api.signed_up("owner").await,
            _ => api.logged_in("owner@example.org", sluice_testkit::api::PASSWORD).await,
        };
        owner.channel(&slug).await;
        let key = owner.key(&slug).await;
        let encoder = Launch::new("ffmpeg", dir.path().join(format!("{slug}.log")))
            .args("-hide_banner -nostdin -loglevel error -re -i show.flv -c copy -f flv".split(' '))
            .args([&stack.rtmp_url(&key.key)])
            .start();
        let session = wait_for(Duration::from_secs(20), "the show is on the record", async || {
            let sessions = owner.sessions(&slug).await;
            Some(sessions.first()?["id"].as_str()?.to_owned())
        })
        .await;
        Self {
            nginx_playlist: stack.config().spool_dir().join(session).join("index.m3u8"),
            request: client::get(&format!("/live/{slug}/live.m3u8"), ""),
            port: stack.config().backend_port,
            connection: None,
            seen: 0.0,
            last: String::new(),
            _encoder: encoder,
        }
    }

    /// When nginx last committed, in seconds since the epoch.
    fn committed(&self) -> Option<f64> {
        let playlist = std::fs::metadata(&self.nginx_playlist).ok()?;
        Some(playlist.ctime() as f64 + playlist.ctime_nsec() as f64 / 1e9)
    }

    /// The lag in milliseconds, at the moment a committed segment is found in the playlist.
    fn look(&mut self) -> Option<f64> {
        let committed = self.committed().filter(|at| *at > self.seen)?;
        let connection = self.connection.get_or_insert_with(|| Connection::open(self.port));
        let answer = connection.ask(&self.request);
        let now = now();
        let text = String::from_utf8(answer.body).expect("a playlist is text");
        let last = text.lines().rfind(|line| line.ends_with(".ts"))?;
        if last == self.last {
            return None;
        }
        self.last = last.to_owned();
        self.seen = committed;
        Some((now - committed) * 1e3)
    }
}

/// Seconds since the epoch; the backend's own clock is too coarse, counting in milliseconds.
#[allow(clippy::disallowed_methods)]
fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock after 1970").as_secs_f64()
}

fn watch(shows: &mut [Show]) -> Vec<f64> {
    let begun = Instant::now();
    let mut lags = Vec::new();
    while begun.elapsed() < LASTS {
        lags.extend(shows.iter_mut().filter_map(Show::look));
        std::thread::sleep(LOOK);
    }
    lags
}
