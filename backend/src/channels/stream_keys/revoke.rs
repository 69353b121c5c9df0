//! `DELETE /api/v1/channels/{slug}/stream-keys/{id}`: a key opens nothing any more.

use actix_web::{HttpResponse, web};
use sluice_domain::EndReason;

use crate::channels::access::managed;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::list::is_id;
use crate::state::AppState;

/// Revokes a stream key
///
/// A show that is live with it ends at once. The key stays in the list, as revoked.
#[utoipa::path(
    delete, path = "/api/v1/channels/{slug}/stream-keys/{id}", tag = "stream keys",
    params(
        ("slug" = String, Path, description = "The channel's slug", example = "main-stage"),
        ("id" = String, Path, description = "The key's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00"),
    ),
    responses(
        (status = 204, description = "Revoked"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found: no such key, or revoked before", body = Problem,
            content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (slug, key_id) = path.into_inner();
    let channel = managed(&state, &caller, &slug).await?;
    if !is_id(&key_id)
        || !state
            .store
            .stream_keys()
            .revoke(&channel.id, &key_id, clock::now())
            .await?
    {
        return Err(Error::NotFound);
    }
    state.live.end_key(&key_id, EndReason::KeyRevoked).await;
    tracing::info!(
        channel = channel.slug,
        key = key_id,
        account = caller.account.id,
        "a stream key was revoked"
    );
    Ok(HttpResponse::NoContent().finish())
}
