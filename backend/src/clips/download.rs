//! `GET /api/v1/clips/{id}/download`: a clip's film under a name that people understand.

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, web};
use sluice_objects::ClipPart;

use super::file::{dress, send};
use super::find;
use crate::delivery::dress::Dress;
use crate::error::{Error, Problem};
use crate::http::file_name;
use crate::state::AppState;

/// It carries a title, which can change.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// A clip as a file
///
/// Pieces may be asked for by `Range`.
#[utoipa::path(
    get, path = "/api/v1/clips/{id}/download", tag = "clips",
    params(("id" = String, Path, description = "The clip's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")),
    responses(
        (status = 200, description = "An MP4", content_type = "video/mp4"),
        (status = 206, description = "A piece of it", content_type = "video/mp4"),
        (status = 404, description = "not_found: also before it is ready", body = Problem,
            content_type = "application/problem+json"),
        (status = 416, description = "No such piece"),
        (status = 503, description = "unavailable", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let clip = find(&state, &id).await?;
    let title = clip.title.as_ref().unwrap_or(&clip.channel_title);
    let dress = Dress {
        caching: ASK_AGAIN,
        name: Some(file_name::header(title, &clip.slug, clip.start_at, "mp4")),
        ..dress(ClipPart::Film)
    };
    send(&request, &state, &clip, ClipPart::Film, &dress).await
}
