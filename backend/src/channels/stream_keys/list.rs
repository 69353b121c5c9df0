//! `GET /api/v1/channels/{slug}/stream-keys`: the keys a channel has had.

use actix_web::web;
use serde::Serialize;
use sluice_store::stream_keys;
use utoipa::ToSchema;

use crate::channels::access::managed;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::list::List;
use crate::http::time::rfc3339;
use crate::state::AppState;

/// A stream key as its owner sees it again: without the secret.
#[derive(Serialize, ToSchema)]
pub struct StreamKey {
    /// Its id.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "OBS at home")]
    label: String,
    /// Its last four characters.
    #[schema(example = "x7f2")]
    hint: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    created_at: String,
    /// When an encoder last went live with it.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    last_used_at: Option<String>,
    /// When it was revoked; null while it works.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

/// A channel's stream keys, newest first
///
/// Revoked ones too; all on one page.
#[utoipa::path(
    get, path = "/api/v1/channels/{slug}/stream-keys", tag = "stream keys",
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage")),
    responses(
        (status = 200, body = List<StreamKey>),
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
) -> Result<web::Json<List<StreamKey>>, Error> {
    let channel = managed(&state, &caller, &slug).await?;
    let keys = state.store.stream_keys().list(&channel.id).await?;
    Ok(web::Json(List::whole(keys, StreamKey::from)))
}

impl From<stream_keys::StreamKey> for StreamKey {
    fn from(key: stream_keys::StreamKey) -> Self {
        Self {
            id: key.id,
            label: key.label,
            hint: key.hint,
            created_at: rfc3339(key.created_at),
            last_used_at: key.last_used_at.map(rfc3339),
            revoked_at: key.revoked_at.map(rfc3339),
        }
    }
}
