//! Whether the process is alive, and whether it can do its work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use sluice_objects::Archive;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::state::AppState;

/// A check that takes longer has failed: whoever asks has little patience of its own.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer serves whoever asks within this time: anybody may ask, and each look costs a query and nginx a page.
const HOLDS: Duration = Duration::from_secs(1);

/// With less than this free on the archive's disk, a show's next minutes may find no room: twenty streams of 6 Mbit/s
/// write as much in about a minute.
pub(crate) const DISK_FREE_MIN_BYTES: u64 = 1024 * 1024 * 1024;

/// Whether the backend can do its work, check by check.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// All checks passed.
    pub ready: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing the backend cannot do without.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Check {
    /// `database`, `media_server`, `disk`, `spool` or `archive`.
    #[schema(example = "database")]
    pub name: &'static str,
    /// It is as it should be.
    pub ok: bool,
    /// What is wrong, where something is.
    pub problem: Option<&'static str>,
    /// How long the look took, in milliseconds.
    pub took_ms: u64,
}

/// The newest answer. There is one look at a time, and who comes meanwhile waits for it.
#[derive(Clone, Debug, Default)]
pub struct Newest(Arc<Mutex<Option<(Instant, Readiness)>>>);

impl Newest {
    /// The newest answer, or that of a new look if it is too old.
    async fn or_look(&self, look: impl Future<Output = Readiness>) -> Readiness {
        let mut newest = self.0.lock().await;
        if let Some((_, readiness)) = newest.as_ref().filter(|(seen, _)| seen.elapsed() < HOLDS) {
            return readiness.clone();
        }
        let readiness = look.await;
        let before = newest.replace((Instant::now(), readiness.clone()));
        readiness.log_changes(before.as_ref().map(|(_, before)| before));
        readiness
    }
}

impl Readiness {
    /// Tells the operator what has changed; before the first look all was well.
    fn log_changes(&self, before: Option<&Self>) {
        for check in self.changed(before) {
            if check.ok {
                tracing::info!(check = check.name, "ready again");
            } else {
                tracing::warn!(check = check.name, problem = check.problem, "not ready");
            }
        }
    }

    fn changed(&self, before: Option<&Self>) -> impl Iterator<Item = &Check> {
        let failed: Vec<_> = before
            .iter()
            .flat_map(|before| &before.checks)
            .filter(|check| !check.ok)
            .map(|check| check.name)
            .collect();
        self.checks
            .iter()
            .filter(move |check| check.ok == failed.contains(&check.name))
    }
}

/// Says that the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "The process answers.", content_type = "text/plain")))]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Says whether database, media server, disk, spool and archive are as they should be; answers within seconds in any case. An answer may
/// be a second old.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "Everything is as it should be.", body = Readiness),
    (status = 503, description = "Something is not; the checks say what.", body = Readiness),
))]
pub async fn ready(state: web::Data<AppState>) -> HttpResponse {
    let readiness = state.readiness.or_look(look(&state)).await;
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
    let (database, media_server, disk, spool, archive) = tokio::join!(
        check("database", "The database does not answer.", async {
            state.store.ping().await.is_ok()
        }),
        check("media_server", "nginx does not answer.", live.media_server_answers()),
        check("disk", "The disk of DATA_DIR is nearly full.", has_room(live.archive())),
        check("spool", "New segments are not seen.", async { live.spool_watched() }),
        check(
            "archive",
            "The archive takes no segments: they wait in the spool.",
            async { live.intake_problem().is_none() }
        ),
    );
    let checks = vec![database, media_server, disk, spool, archive];
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

async fn has_room(archive: &Archive) -> bool {
    let archive = archive.clone();
    // On a network file system that hangs, the question hangs too.
    let space = tokio::task::spawn_blocking(move || archive.space()).await;
    matches!(space, Ok(Ok(space)) if space.free_bytes >= DISK_FREE_MIN_BYTES)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;

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

    async fn database(ok: bool) -> Readiness {
        let check = check("database", "It is away.", async { ok }).await;
        Readiness {
            ready: ok,
            checks: vec![check],
        }
    }

    #[tokio::test]
    async fn however_many_ask_at_once_there_is_one_look() {
        let (newest, looks) = (Newest::default(), AtomicU32::new(0));
        let look = || async {
            looks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            database(true).await
        };
        let asked = (0..100).map(|_| newest.or_look(look()));
        let answers = join_all(asked).await;
        assert!(answers.iter().all(|readiness| readiness.ready));
        assert!(looks.load(Ordering::Relaxed) < 10);
    }

    #[tokio::test]
    async fn only_what_changes_is_told_to_the_operator() {
        let (well, ill) = (database(true).await, database(false).await);
        for (before, after, told) in [
            (None, &well, 0),
            (None, &ill, 1),
            (Some(&well), &ill, 1),
            (Some(&ill), &ill, 0),
            (Some(&ill), &well, 1),
            (Some(&well), &well, 0),
        ] {
            assert_eq!(after.changed(before).count(), told, "{before:?} {after:?}");
        }
    }
}
