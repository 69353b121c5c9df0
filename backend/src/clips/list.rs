//! `GET /api/v1/channels/{slug}/clips`: what was clipped of a channel.

use actix_web::{HttpRequest, web};
use sluice_store::clips::{Audience, Filter};

use super::clip::Clip;
use crate::channels::access::visible;
use crate::error::{Error, Problem};
use crate::http::address::Addresses;
use crate::http::caller::MaybeCaller;
use crate::http::list::{List, PageQuery, Paging};
use crate::state::AppState;

/// A channel's clips, newest first
///
/// Those that are ready; for the channel's owner and administrators all, and for everybody all that they asked for.
#[utoipa::path(
    get, path = "/api/v1/channels/{slug}/clips", tag = "clips",
    params(("slug" = String, Path, description = "The channel's slug", example = "main-stage"), PageQuery),
    responses(
        (status = 200, body = List<Clip>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    slug: web::Path<String>,
    paging: Paging,
    request: HttpRequest,
) -> Result<web::Json<List<Clip>>, Error> {
    let channel = visible(&state, &slug).await?;
    let filter = Filter {
        channel: Some(&channel.id),
        audience: match &caller.0 {
            Some(caller) if caller.manages(&channel.owner_id) => Audience::Manager,
            Some(caller) => Audience::Account(&caller.account.id),
            None => Audience::Everyone,
        },
        cursor: paging.cursor.as_deref(),
        limit: paging.limit,
        ..Filter::default()
    };
    let page = state.store.clips().list(&filter).await?;
    let addresses = Addresses::of(&request, &state.config);
    let show = |clip| Clip::of(clip, &addresses, caller.0.as_ref());
    Ok(web::Json(List::of(page, show)))
}
