//! Whether the process is alive, and whether it can do its work.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::AppState;

/// A check that takes longer has failed: whoever asks has little patience of its own.
const PATIENCE: Duration = Duration::from_secs(2);

/// With less than this free below `DATA_DIR`, a show's next minutes may find no room: twenty streams of 6 Mbit/s
/// write as much in about a minute.
const DISK_FREE_MIN_BYTES: u64 = 1024 * 1024 * 1024;

/// Whether the backend can do its work, check by check.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// All checks passed.
    pub ready: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing the backend cannot do without.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// `database`, `media_server`, `disk` or `spool`.
    #[schema(example = "database")]
    pub name: &'static str,
    /// It is as it should be.
    pub ok: bool,
    /// What is wrong, where something is.
    pub problem: Option<&'static str>,
    /// How long the look took, in milliseconds.
    pub took_ms: u64,
}

/// Says that the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "The process answers.", content_type = "text/plain")))]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Says whether database, media server, disk and spool are as they should be; answers within seconds in any case.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "Everything is as it should be.", body = Readiness),
    (status = 503, description = "Something is not; the checks say what.", body = Readiness),
))]
pub async fn ready(state: web::Data<AppState>) -> HttpResponse {
    let readiness = look(&state).await;
    for check in readiness.checks.iter().filter(|check| !check.ok) {
        tracing::warn!(check = check.name, problem = check.problem, "not ready");
    }
    let mut response = match readiness.ready {
        true => HttpResponse::Ok(),
        false => HttpResponse::ServiceUnavailable(),
    };
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(readiness)
}

async fn look(state: &AppState) -> Readiness {
    let live = &state.live;
    let (database, media_server, disk, spool) = tokio::join!(
        check("database", "The database does not answer.", async {
            state.store.ping().await.is_ok()
        }),
        check("media_server", "nginx does not answer.", live.media_server_answers()),
        check(
            "disk",
            "The disk of DATA_DIR is nearly full.",
            has_room(&state.config.data_dir)
        ),
        check("spool", "New segments are not seen.", async { live.spool_watched() }),
    );
    let checks = vec![database, media_server, disk, spool];
    Readiness {
        ready: checks.iter().all(|check| check.ok),
        checks,
    }
}

async fn check(name: &'static str, problem: &'static str, look: impl Future<Output = bool>) -> Check {
    let begun = Instant::now();
    let ok = within(PATIENCE, look).await;
    let took = begun.elapsed();
    Check {
        name,
        ok,
        problem: (!ok).then_some(problem),
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }
}

/// A look that does not end in time has failed.
async fn within(patience: Duration, look: impl Future<Output = bool>) -> bool {
    tokio::time::timeout(patience, look).await.unwrap_or(false)
}

async fn has_room(dir: &Path) -> bool {
    let dir: PathBuf = dir.to_owned();
    // On a network file system that hangs, the question hangs too.
    let free = tokio::task::spawn_blocking(move || free_bytes(&dir)).await;
    free.ok().flatten().is_some_and(|free| free >= DISK_FREE_MIN_BYTES)
}

fn free_bytes(dir: &Path) -> Option<u64> {
    let disk = nix::sys::statvfs::statvfs(dir).ok()?;
    Some(disk.blocks_available().saturating_mul(disk.fragment_size()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_that_hangs_has_failed_when_patience_ends() {
        assert!(!within(Duration::from_millis(10), std::future::pending()).await);
        assert!(within(Duration::from_secs(60), async { true }).await);
    }

    #[tokio::test]
    async fn only_a_failed_check_names_a_problem() {
        let fine = check("disk", "It is full.", async { true }).await;
        assert_eq!((fine.ok, fine.problem), (true, None));
        let full = check("disk", "It is full.", async { false }).await;
        assert_eq!((full.ok, full.problem), (false, Some("It is full.")));
    }

    #[test]
    fn a_disk_that_is_there_has_a_number_of_free_bytes() {
        assert!(free_bytes(Path::new("/tmp")).is_some());
        assert_eq!(free_bytes(Path::new("/nowhere/at/all")), None);
    }
}
