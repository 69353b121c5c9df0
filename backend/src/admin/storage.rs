//! `GET /api/v1/admin/storage`: where segments are, how full the disks are, and how uploads fare.

use actix_web::web;
use serde::Serialize;
use sluice_domain::Millis;
use sluice_store::offload::{Amount, Place};
use sluice_store::storage::{Report, Taken};
use utoipa::ToSchema;

use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::Administrator;
use crate::http::time::rfc3339;
use crate::state::AppState;

/// An uploader that has said nothing for so long does not run: it reports every two seconds.
const SILENT: Millis = Millis::from_secs(15);

/// What is kept where.
#[derive(Debug, Serialize, ToSchema)]
pub struct Storage {
    /// How long segments are kept, in hours.
    #[schema(example = 24)]
    window_hours: u32,
    /// How long the oldest segment that waits to be stored has been waiting, in milliseconds; null where none waits.
    lag_ms: Option<i64>,
    /// Why closed segments of this machine wait and are not listed, in words for the operator; null where none waits.
    #[schema(example = "the segment cannot be archived: no space left on device")]
    intake_problem: Option<String>,
    /// What is in each place; a place with nothing in it is left out.
    places: Vec<Kept>,
    /// The machines that upload.
    nodes: Vec<Node>,
    /// What each channel takes that takes anything, by slug. Counted at most every ten seconds.
    channels: Vec<Channel>,
}

/// What one channel takes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = storage::Channel)]
pub struct Channel {
    /// Its slug.
    #[schema(example = "main-stage")]
    slug: String,
    /// What it is called.
    #[schema(example = "Main stage")]
    title: String,
    /// How many segments.
    segments: i64,
    /// Bytes of those that are on disk.
    disk_bytes: i64,
    /// Bytes of those that are in the object store. What is in both places is counted in both.
    stored_bytes: i64,
    /// Bytes of shows that are kept beyond the rewind window, wherever they are.
    kept_bytes: i64,
}

/// What is in one place.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept {
    /// `disk` (waits to be stored), `both`, `store` (off the disk) or `lost`.
    #[schema(example = "both")]
    place: &'static str,
    /// How many segments.
    segments: i64,
    /// Their bytes.
    bytes: i64,
    /// When the oldest of them began.
    oldest_at: String,
}

/// A machine that uploads, as it last said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Node {
    /// Its name.
    node: String,
    /// Its object store: a directory, or a bucket at its server.
    #[schema(example = "s3://media@https://s3.example.org")]
    store: String,
    /// `working`, `waiting` (tries again by itself), `stuck` (waits for an operator) or `silent` (does not run).
    #[schema(example = "working")]
    state: &'static str,
    /// What keeps it from working, in a sentence.
    problem: Option<String>,
    /// When it last said something.
    reported_at: String,
    /// When it was started; the counts are since then.
    started_at: String,
    /// The size of its disk.
    disk_total_bytes: i64,
    /// What is free on it.
    disk_free_bytes: i64,
    /// From this fill on segments leave the disk.
    disk_high_percent: i64,
    /// Until it is down to this one.
    disk_low_percent: i64,
    /// Segments stored.
    stored_segments: i64,
    /// Their bytes.
    stored_bytes: i64,
    /// Attempts that came to nothing.
    failed_attempts: i64,
    /// Segments that left the disk.
    evicted_segments: i64,
    /// Their bytes.
    evicted_bytes: i64,
    /// Segments whose file was gone before it was stored.
    lost_segments: i64,
}

/// Where segments are, and how uploads fare
#[utoipa::path(
    get, path = "/api/v1/admin/storage", tag = "administration",
    responses(
        (status = 200, body = Storage),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(state: web::Data<AppState>, _: Administrator) -> Result<web::Json<Storage>, Error> {
    let amounts = state.store.offload().amounts().await?;
    let reports = state.store.storage().reports().await?;
    let now = clock::now();
    let waiting = amounts.iter().find(|amount| amount.place == Place::Disk);
    Ok(web::Json(Storage {
        window_hours: state.config.dvr_window_hours,
        lag_ms: waiting.map(|waiting| now.since(waiting.oldest_at).0),
        intake_problem: state.live.intake_problem(),
        places: amounts.iter().map(Kept::of).collect(),
        nodes: reports.into_iter().map(|report| Node::of(report, now)).collect(),
        channels: state
            .sums
            .channels(&state.store)
            .await?
            .iter()
            .map(Channel::of)
            .collect(),
    }))
}

impl Channel {
    fn of(taken: &Taken) -> Self {
        Self {
            slug: taken.slug.clone(),
            title: taken.title.clone(),
            segments: taken.segments,
            disk_bytes: taken.disk_bytes,
            stored_bytes: taken.stored_bytes,
            kept_bytes: taken.kept_bytes,
        }
    }
}

impl Kept {
    fn of(amount: &Amount) -> Self {
        Self {
            place: amount.place.as_str(),
            segments: amount.segments,
            bytes: amount.bytes,
            oldest_at: rfc3339(amount.oldest_at),
        }
    }
}

impl Node {
    fn of(report: Report, now: Millis) -> Self {
        let is_silent = now.since(report.reported_at) > SILENT;
        Self {
            state: if is_silent { "silent" } else { report.state.as_str() },
            problem: report.problem,
            node: report.node,
            store: report.store,
            reported_at: rfc3339(report.reported_at),
            started_at: rfc3339(report.started_at),
            disk_total_bytes: report.disk_total_bytes,
            disk_free_bytes: report.disk_free_bytes,
            disk_high_percent: report.disk_high_percent,
            disk_low_percent: report.disk_low_percent,
            stored_segments: report.stored_segments,
            stored_bytes: report.stored_bytes,
            failed_attempts: report.failed_attempts,
            evicted_segments: report.evicted_segments,
            evicted_bytes: report.evicted_bytes,
            lost_segments: report.lost_segments,
        }
    }
}
