//! `POST /api/v1/channels/{slug}/sessions/{id}/end`: a show is ended by hand.

use actix_web::{HttpResponse, web};
use sluice_domain::{EndReason, SessionState};

use crate::channels::access::managed;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::list::is_id;
use crate::state::AppState;

/// Ends a live session
///
/// Its encoder is disconnected, and refused for a minute: encoders come back by themselves.
#[utoipa::path(
    post, path = "/api/v1/channels/{slug}/sessions/{id}/end", tag = "sessions",
    params(
        ("slug" = String, Path, description = "The channel's slug", example = "main-stage"),
        ("id" = String, Path, description = "The session's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00"),
    ),
    responses(
        (status = 204, description = "Ended"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "session_not_live", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (slug, session_id) = path.into_inner();
    let channel = managed(&state, &caller, &slug).await?;
    if !is_id(&session_id) {
        return Err(Error::NotFound);
    }
    let session = state.store.publish_sessions().by_id(&session_id).await?;
    let session = session
        .filter(|session| session.channel_id == channel.id)
        .ok_or(Error::NotFound)?;
    let reason = if caller.account.id == channel.owner_id {
        EndReason::EndedByOwner
    } else {
        EndReason::EndedByAdministrator
    };
    if session.state != SessionState::Live || !state.live.end_session(&session_id, reason).await {
        return Err(Error::SessionNotLive);
    }
    Ok(HttpResponse::NoContent().finish())
}
