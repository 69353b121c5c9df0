//! `DELETE /api/v1/channels/{slug}`: a channel is closed for good.

use actix_web::{HttpResponse, web};
use serde_json::json;
use sluice_domain::Millis;
use sluice_store::jobs;
use uuid::Uuid;

use super::access::managed;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::state::AppState;

/// By then the channel is gone from the database, and what was on its way into the object store has arrived there.
const SETTLED: Millis = Millis::from_secs(60);

/// Closes a channel
///
/// Its show ends, its keys open nothing any more, its recordings are removed.
#[utoipa::path(
    delete, path = "/api/v1/channels/{slug}", tag = "channels",
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage")),
    responses(
        (status = 204, description = "Closed"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    slug: web::Path<String>,
) -> Result<HttpResponse, Error> {
    let channel = managed(&state, &caller, &slug).await?;
    // Asked while it is there, and remembered: open pages that list it hear of the end of its show.
    state.visibility.is_listed(&channel.slug).await;
    remove_objects(&state, &channel.slug).await?;
    remove(&state, &channel.id).await?;
    state.live.forget_channel(&channel.id, &channel.slug).await;
    state.clip_watch.doubt_all();
    tracing::info!(
        channel = channel.slug,
        account = caller.account.id,
        "a channel was deleted"
    );
    Ok(HttpResponse::NoContent().finish())
}

/// Has the uploader remove the channel's objects once it is gone. Before it goes, so that nothing in between leaves them
/// behind; a job that finds the channel still there does nothing.
async fn remove_objects(state: &AppState, slug: &str) -> Result<(), Error> {
    let now = clock::now();
    let job = jobs::New {
        id: Uuid::now_v7().simple().to_string(),
        kind: jobs::REMOVE_OBJECTS.to_owned(),
        payload: json!({"slug": slug, "deleted_at": now}).to_string(),
        run_at: now.plus(SETTLED),
    };
    Ok(state.store.jobs().enqueue(&job).await?)
}

/// Removes a channel from the database, first the bulk of its segments, then what is left at once: its keys go with it,
/// so that no encoder can come back between the end of the show and the end of the channel.
///
/// A removal that was not answered in time may have happened all the same; then the channel is gone.
async fn remove(state: &AppState, id: &str) -> Result<(), Error> {
    state.store.segments().clear(id).await?;
    let Err(error) = state.store.channels().delete(id).await else {
        return Ok(());
    };
    match state.store.channels().by_id(id).await {
        Ok(None) => Ok(()),
        Ok(Some(_)) | Err(_) => Err(error.into()),
    }
}
