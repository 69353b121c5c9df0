//! `DELETE /api/v1/channels/{slug}`: a channel is closed for good.

use actix_web::{HttpResponse, web};

use super::access::managed;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::state::AppState;

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
    remove(&state, &channel.id).await?;
    state.live.forget_channel(&channel.id, &channel.slug).await;
    tracing::info!(
        channel = channel.slug,
        account = caller.account.id,
        "a channel was deleted"
    );
    Ok(HttpResponse::NoContent().finish())
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
