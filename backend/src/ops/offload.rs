//! What Prometheus is told of uploads: read from the index and from what uploaders report, at each scrape.

use std::fmt::Write as _;

use sluice_domain::Millis;
use sluice_store::offload::Amount;
use sluice_store::storage::Report;
use sluice_store::{Error, Store};

use crate::clock;
use crate::error::chain;

/// Segments that wait to be stored.
pub const WAITING_SEGMENTS: &str = "sluice_offload_waiting_segments";
/// Their bytes.
pub const WAITING_BYTES: &str = "sluice_offload_waiting_bytes";
/// How long the oldest of them has been waiting, in seconds; 0 where none waits.
pub const LAG: &str = "sluice_offload_lag_seconds";

/// A series of each machine that uploads, with what it is, and its value.
type Column = (&'static str, &'static str, fn(&Report) -> i64);

/// The series of each machine; label `node`. Counts are since its uploader was started.
const COLUMNS: [Column; 8] = [
    ("sluice_offload_stored_segments_total", "counter", |report| {
        report.stored_segments
    }),
    ("sluice_offload_stored_bytes_total", "counter", |report| {
        report.stored_bytes
    }),
    ("sluice_offload_failed_attempts_total", "counter", |report| {
        report.failed_attempts
    }),
    ("sluice_offload_evicted_segments_total", "counter", |report| {
        report.evicted_segments
    }),
    ("sluice_offload_evicted_bytes_total", "counter", |report| {
        report.evicted_bytes
    }),
    ("sluice_offload_lost_segments_total", "counter", |report| {
        report.lost_segments
    }),
    ("sluice_disk_total_bytes", "gauge", |report| report.disk_total_bytes),
    ("sluice_disk_free_bytes", "gauge", |report| report.disk_free_bytes),
];

/// The series as exposition text; none while the database is away.
pub(super) async fn exposition(store: &Store) -> String {
    match ask(store).await {
        Ok((backlog, reports)) => render(backlog.as_ref(), &reports, clock::now()),
        Err(error) => {
            tracing::debug!(error = %chain(&error), "a scrape goes without what uploads say");
            String::new()
        }
    }
}

async fn ask(store: &Store) -> Result<(Option<Amount>, Vec<Report>), Error> {
    let backlog = store.offload().backlog().await?;
    Ok((backlog, store.storage().reports().await?))
}

fn render(backlog: Option<&Amount>, reports: &[Report], now: Millis) -> String {
    let mut text = String::new();
    let lag_ms = backlog.map_or(Millis(0), |backlog| now.since(backlog.oldest_at)).0;
    // Writing to a string cannot fail.
    for (name, value) in [
        (WAITING_SEGMENTS, backlog.map_or(0, |backlog| backlog.segments)),
        (WAITING_BYTES, backlog.map_or(0, |backlog| backlog.bytes)),
    ] {
        let _ = writeln!(text, "# TYPE {name} gauge\n{name} {value}");
    }
    let _ = writeln!(text, "# TYPE {LAG} gauge\n{LAG} {}.{:03}", lag_ms / 1000, lag_ms % 1000);
    for (name, kind, value) in COLUMNS.iter().filter(|_| !reports.is_empty()) {
        let _ = writeln!(text, "# TYPE {name} {kind}");
        for report in reports {
            let _ = writeln!(text, "{name}{{node=\"{}\"}} {}", label(&report.node), value(report));
        }
    }
    text
}

/// A machine's name without what a label would have to escape.
fn label(node: &str) -> String {
    node.chars()
        .filter(|c| !c.is_control() && !"\"\\".contains(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use sluice_store::offload::Place;
    use sluice_store::storage::State;

    use super::*;

    #[test]
    fn what_waits_and_what_each_machine_did_is_told() {
        let backlog = Amount {
            place: Place::Disk,
            segments: 3,
            bytes: 4_500,
            oldest_at: Millis(1_000),
        };
        let report = Report {
            node: "edge\"1".to_owned(),
            store: "file:///srv/objects".to_owned(),
            state: State::Working,
            problem: None,
            started_at: Millis(0),
            reported_at: Millis(0),
            disk_total_bytes: 10,
            disk_free_bytes: 9,
            disk_high_percent: 85,
            disk_low_percent: 75,
            stored_segments: 8,
            stored_bytes: 7,
            failed_attempts: 6,
            evicted_segments: 5,
            evicted_bytes: 4,
            lost_segments: 3,
        };
        let text = render(Some(&backlog), &[report], Millis(3_250));
        for line in [
            "sluice_offload_waiting_segments 3",
            "sluice_offload_waiting_bytes 4500",
            "sluice_offload_lag_seconds 2.250",
            "sluice_offload_stored_segments_total{node=\"edge1\"} 8",
            "sluice_disk_free_bytes{node=\"edge1\"} 9",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in {text}");
        }
        assert!(render(None, &[], Millis(0)).contains("\nsluice_offload_lag_seconds 0.000\n"));
    }
}
