//! `DELETE /api/v1/clips/{id}`: a clip is gone for good.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::desk::managed;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::realtime::Gone;
use crate::state::AppState;

/// Deletes a clip
///
/// Also one that is being made. It leaves lists and its addresses at once; its files are removed soon after.
#[utoipa::path(
    delete, path = "/api/v1/clips/{id}", tag = "clips",
    params(("id" = String, Path, description = "The clip's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(state: web::Data<AppState>, caller: Caller, id: web::Path<String>) -> Result<HttpResponse, Error> {
    let clip = managed(&state, &caller, &id).await?;
    let job_id = Uuid::now_v7().simple().to_string();
    if !state.store.clips().delete(&clip, &job_id, clock::now()).await? {
        return Err(Error::NotFound);
    }
    state.clip_watch.gone(&clip.id);
    state.bus.publish_clip_gone(Gone {
        channel: Some(clip.slug.clone()),
        id: clip.id.clone(),
    });
    tracing::info!(
        channel = clip.slug,
        clip = clip.id,
        account = caller.account.id,
        "a clip was deleted"
    );
    Ok(HttpResponse::NoContent().finish())
}
