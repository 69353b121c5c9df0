//! `GET /api/v1/channels/{slug}/sessions`: a channel's shows and refusals.

use actix_web::web;

use crate::channels::access::managed;
use crate::channels::session::Session;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::list::{List, PageQuery, Paging};
use crate::state::AppState;

/// A channel's publish sessions, newest first
#[utoipa::path(
    get, path = "/api/v1/channels/{slug}/sessions", tag = "sessions",
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage"), PageQuery),
    responses(
        (status = 200, body = List<Session>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
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
    paging: Paging,
) -> Result<web::Json<List<Session>>, Error> {
    let channel = managed(&state, &caller, &slug).await?;
    let sessions = state.store.publish_sessions();
    let page = sessions
        .list(&channel.id, paging.cursor.as_deref(), paging.limit)
        .await?;
    Ok(web::Json(List::of(page, Session::from)))
}
