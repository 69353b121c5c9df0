//! `GET /api/v1/clips/{id}`: one clip, and how far it is.

use actix_web::{HttpRequest, web};

use super::clip::Clip;
use super::find;
use crate::error::{Error, Problem};
use crate::http::address::Addresses;
use crate::http::caller::MaybeCaller;
use crate::state::AppState;

/// A clip
///
/// Open to whoever knows its id, also while it is being made.
#[utoipa::path(
    get, path = "/api/v1/clips/{id}", tag = "clips",
    params(("id" = String, Path, description = "The clip's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")),
    responses(
        (status = 200, body = Clip),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<web::Json<Clip>, Error> {
    let clip = find(&state, &id).await?;
    let addresses = Addresses::of(&request, &state.config);
    Ok(web::Json(Clip::of(clip, &addresses, caller.0.as_ref())))
}
