//! `GET /api/v1/channels/{slug}`: one channel.

use std::slice;

use actix_web::{HttpRequest, web};

use super::access::visible;
use super::channel::Channel;
use super::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::MaybeCaller;
use crate::state::AppState;

/// A channel
///
/// An unlisted channel is open to whoever knows its slug.
#[utoipa::path(
    get, path = "/api/v1/channels/{slug}", tag = "channels",
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage")),
    responses(
        (status = 200, body = Channel),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<web::Json<Channel>, Error> {
    let channel = visible(&state, &slug).await?;
    let mut reader = Reader::of(&state, &request, caller.0.as_ref());
    reader.look_at(slice::from_ref(&channel)).await?;
    Ok(web::Json(Channel::of(channel, &reader)))
}
