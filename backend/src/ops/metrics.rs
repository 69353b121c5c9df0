//! What Prometheus is told. Every name, with its labels, stands in this file, in `offload` and in `process`.
//!
//! The rest of the backend counts by calling a function here. Series are made once and kept as handles, so that
//! counting costs an atomic addition; nothing is formatted before a scrape.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, http::header, web};
use dashmap::DashMap;
use metrics::{Counter, Gauge, Histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{offload, process};
use crate::error::Error;
use crate::http::client::ClientAddress;
use crate::state::AppState;

/// Hooks answered; labels `hook` and `verdict`.
pub const HOOK_REQUESTS: &str = "sluice_hook_requests_total";
/// Seconds from a hook's call to its verdict; labels `hook` and `verdict`.
pub const HOOK_SECONDS: &str = "sluice_hook_seconds";
/// Seconds from nginx's commit of a segment to its presence in the playlist.
pub const INTAKE_LAG: &str = "sluice_intake_lag_seconds";
/// Playlists asked for; labels `playlist` and `status`.
pub const PLAYLIST_REQUESTS: &str = "sluice_playlist_requests_total";
/// Parts asked for; label `status`.
pub const PART_REQUESTS: &str = "sluice_part_requests_total";
/// Requests that wait for media that is still to come.
pub const WAITING: &str = "sluice_waiting_requests";
/// Publish sessions that are live on this node.
pub const LIVE_SESSIONS: &str = "sluice_live_sessions";
/// Players that asked for a playlist lately.
pub const VIEWERS: &str = "sluice_viewers";

/// From an update, answered from memory, to the 3 s after which nginx gives a hook up.
const HOOK_BUCKETS: [f64; 14] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0,
];
/// Dense around the 20 ms that are aimed at, and up to what a backend finds that was away for a minute.
const LAG_BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0, 60.0,
];
/// The exporter keeps single samples until they are folded into buckets: often enough to stay small.
const UPKEEP: Duration = Duration::from_secs(5);

/// Measures one hook from its arrival to its verdict.
#[derive(Debug)]
pub struct HookTimer(Instant);

impl HookTimer {
    /// The hook arrived.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The verdict is known.
    pub fn stop(self, hook: &'static str, verdict: &'static str) {
        SERIES.hook(hook, verdict, self.0.elapsed());
    }
}

/// A playlist that players ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playlist {
    /// `index.m3u8`
    Index,
    /// `live.m3u8`
    Live,
    /// `dvr.m3u8`
    Dvr,
    /// `timeshift.m3u8`
    Timeshift,
    /// `shows/{id}.m3u8`
    Show,
}

/// Counts a playlist that was asked for, by the status of its answer.
pub fn playlist(playlist: Playlist, status: u16) {
    let row = SERIES.fixed.playlists.get(playlist as usize);
    let column = STATUSES.iter().position(|(known, _)| *known == status);
    if let Some(counter) = row.and_then(|row| row.get(column.unwrap_or(STATUSES.len() - 1))) {
        counter.increment(1);
    }
}

/// Counts a part that was asked for, by the status of its answer.
pub fn part(status: u16) {
    let column = PART_STATUSES.iter().position(|(known, _)| *known == status);
    let counter = SERIES.fixed.parts.get(column.unwrap_or(PART_STATUSES.len() - 1));
    if let Some(counter) = counter {
        counter.increment(1);
    }
}

/// A segment is in the playlist, this long after nginx committed it.
pub fn intake_lag(lag: Duration) {
    SERIES.fixed.intake_lag.record(lag);
}

/// Folds samples into buckets, for ever; one such task serves the process.
pub async fn keep_up() {
    let mut tick = tokio::time::interval(UPKEEP);
    loop {
        tick.tick().await;
        SERIES.handle.run_upkeep();
    }
}

/// Answers a scrape from this machine; anybody else is turned away.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "Prometheus's text format 0.0.4.", content_type = "text/plain"),
    (status = 403, description = "`forbidden`: not asked from this machine."),
))]
pub async fn scrape(client: ClientAddress, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    if !client.is_loopback() {
        return Err(Error::Forbidden("Metrics are for this machine only.".into()));
    }
    let live_sessions = u32::try_from(state.live.sessions_count()).unwrap_or(u32::MAX);
    let mut text = render(Present {
        live_sessions,
        viewers: state.live.viewers_count(),
        waiting: state.live.waiting_count(),
    });
    text.push_str(&offload::exposition(&state.store).await);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text))
}

/// What is counted when somebody asks.
#[derive(Clone, Copy, Default)]
struct Present {
    live_sessions: u32,
    viewers: u32,
    waiting: u32,
}

/// The exposition text of Prometheus, format 0.0.4.
fn render(present: Present) -> String {
    SERIES.fixed.live_sessions.set(present.live_sessions);
    SERIES.fixed.viewers.set(present.viewers);
    SERIES.fixed.waiting.set(present.waiting);
    let mut text = SERIES.handle.render();
    text.push_str(&process::exposition());
    text
}

static SERIES: LazyLock<Series> = LazyLock::new(Series::new);

struct Series {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    hooks: DashMap<(&'static str, &'static str), (Counter, Histogram)>,
    fixed: Fixed,
}

/// The series whose labels are known beforehand.
struct Fixed {
    playlists: [[Counter; STATUSES.len()]; PLAYLISTS.len()],
    parts: [Counter; PART_STATUSES.len()],
    waiting: Gauge,
    intake_lag: Histogram,
    live_sessions: Gauge,
    viewers: Gauge,
}

const PLAYLISTS: [&str; 4] = ["index", "live", "dvr", "timeshift"];
/// What a playlist is answered with; anything else counts as the last.
const STATUSES: [(u16, &str); 6] = [
    (200, "200"),
    (304, "304"),
    (400, "400"),
    (403, "403"),
    (404, "404"),
    (503, "503"),
];
/// What a part is answered with; anything else counts as the last.
const PART_STATUSES: [(u16, &str); 4] = [(200, "200"), (404, "404"), (503, "503"), (500, "500")];

impl Series {
    fn new() -> Self {
        let recorder = with_buckets().unwrap_or_default().build_recorder();
        Self {
            handle: recorder.handle(),
            hooks: DashMap::new(),
            fixed: metrics::with_local_recorder(&recorder, Fixed::new),
            recorder,
        }
    }

    fn hook(&self, hook: &'static str, verdict: &'static str, took: Duration) {
        let known = self.hooks.get(&(hook, verdict)).map(|known| known.clone());
        let (requests, seconds) = known.unwrap_or_else(|| {
            let made = metrics::with_local_recorder(&self.recorder, || {
                (
                    metrics::counter!(HOOK_REQUESTS, "hook" => hook, "verdict" => verdict),
                    metrics::histogram!(HOOK_SECONDS, "hook" => hook, "verdict" => verdict),
                )
            });
            self.hooks.insert((hook, verdict), made.clone());
            made
        });
        requests.increment(1);
        seconds.record(took);
    }
}

impl Fixed {
    fn new() -> Self {
        metrics::describe_counter!(HOOK_REQUESTS, "Hooks of the media server, by verdict.");
        metrics::describe_histogram!(HOOK_SECONDS, "Seconds from a hook's arrival to its verdict.");
        metrics::describe_histogram!(INTAKE_LAG, "Seconds from nginx's commit of a segment to the playlist.");
        metrics::describe_counter!(PLAYLIST_REQUESTS, "Playlists asked for, by status of the answer.");
        metrics::describe_counter!(PART_REQUESTS, "Parts asked for, by status of the answer.");
        metrics::describe_gauge!(WAITING, "Requests that wait for media that is still to come.");
        metrics::describe_gauge!(LIVE_SESSIONS, "Publish sessions that are live on this node.");
        metrics::describe_gauge!(VIEWERS, "Players that asked for a playlist lately.");
        Self {
            playlists: PLAYLISTS.map(|name| {
                STATUSES.map(|(_, status)| metrics::counter!(PLAYLIST_REQUESTS, "playlist" => name, "status" => status))
            }),
            parts: PART_STATUSES.map(|(_, status)| metrics::counter!(PART_REQUESTS, "status" => status)),
            waiting: metrics::gauge!(WAITING),
            intake_lag: metrics::histogram!(INTAKE_LAG),
            live_sessions: metrics::gauge!(LIVE_SESSIONS),
            viewers: metrics::gauge!(VIEWERS),
        }
    }
}

fn with_buckets() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(HOOK_SECONDS.to_owned()), &HOOK_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full(INTAKE_LAG.to_owned()), &LAG_BUCKETS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the series that begins with `series`.
    fn value(series: &str) -> f64 {
        let text = render(Present::default());
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.map_or(0.0, |value| value.trim().parse().unwrap())
    }

    #[test]
    fn a_hook_is_counted_and_timed_under_its_verdict() {
        HookTimer::start().stop("test_hook", "accepted");
        HookTimer::start().stop("test_hook", "accepted");
        HookTimer::start().stop("test_hook", "unknown");
        let labels = |verdict| format!("{{hook=\"test_hook\",verdict=\"{verdict}\"}}");
        assert_eq!(value(&format!("{HOOK_REQUESTS}{}", labels("accepted"))), 2.0);
        assert_eq!(value(&format!("{HOOK_REQUESTS}{}", labels("unknown"))), 1.0);
        assert_eq!(value(&format!("{HOOK_SECONDS}_count{}", labels("accepted"))), 2.0);
    }

    #[test]
    fn a_playlist_is_counted_under_its_status_from_zero_on() {
        let series = format!("{PLAYLIST_REQUESTS}{{playlist=\"index\",status=\"503\"}}");
        assert!(render(Present::default()).contains(&series));
        let before = value(&series);
        playlist(Playlist::Index, 503);
        assert_eq!(value(&series), before + 1.0);
    }

    #[test]
    fn an_intake_lag_falls_into_its_bucket() {
        let series = format!("{INTAKE_LAG}_bucket{{le=\"0.02\"}}");
        let before = value(&series);
        intake_lag(Duration::from_millis(15));
        assert_eq!(value(&series), before + 1.0);
    }

    #[test]
    fn the_exposition_states_every_documented_name() {
        intake_lag(Duration::from_secs(30));
        HookTimer::start().stop("update", "accepted");
        let text = render(Present::default());
        for name in [
            HOOK_REQUESTS,
            HOOK_SECONDS,
            INTAKE_LAG,
            PLAYLIST_REQUESTS,
            PART_REQUESTS,
            WAITING,
            LIVE_SESSIONS,
            VIEWERS,
        ] {
            assert!(text.contains(&format!("# TYPE {name} ")), "{name} is missing in {text}");
        }
        for name in [process::MEMORY, process::CPU] {
            assert!(text.contains(&format!("\n{name} ")), "{name} is missing in {text}");
        }
    }
}
