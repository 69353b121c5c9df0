//! `POST /api/v1/clips/{id}/retry`: a clip that came to nothing is tried again.

use actix_web::{HttpRequest, HttpResponse, web};
use sluice_store::clips::Retried;
use uuid::Uuid;

use super::clip::Clip;
use super::create::ROOM;
use super::desk::{find, managed};
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::address::Addresses;
use crate::http::caller::Caller;
use crate::http::client::ClientAddress;
use crate::state::AppState;

/// Tries a failed clip again
#[utoipa::path(
    post, path = "/api/v1/clips/{id}/retry", tag = "clips",
    params(("id" = String, Path, description = "The clip's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")),
    responses(
        (status = 202, body = Clip),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "clip_not_failed; too_many_clips: 3 of a person or 10 of a channel are being made",
            body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let clip = managed(&state, &caller, &id).await?;
    state
        .limits
        .clip(Some(&caller.account.id), ClientAddress::of(&request))?;
    let job_id = Uuid::now_v7().simple().to_string();
    match state.store.clips().retry(&clip, &job_id, ROOM, clock::now()).await? {
        Retried::Queued => {}
        Retried::NotFailed => return Err(Error::ClipNotFailed),
        Retried::NoRoom => return Err(Error::TooManyClips),
    }
    let clip = find(&state, &id).await?;
    state.clip_watch.follow_again(&clip.id);
    state.bus.publish_clip(&clip);
    let addresses = Addresses::of(&request, &state.config);
    Ok(HttpResponse::Accepted().json(Clip::of(clip, &addresses, Some(&caller))))
}
