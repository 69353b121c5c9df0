//! `GET /api/v1/me/clips`: the clips that the caller asked for.

use actix_web::{HttpRequest, web};
use sluice_store::clips::Filter;

use super::clip::Clip;
use crate::error::{Error, Problem};
use crate::http::address::Addresses;
use crate::http::caller::Caller;
use crate::http::list::{List, PageQuery, Paging};
use crate::state::AppState;

/// One's own clips, newest first
#[utoipa::path(
    get, path = "/api/v1/me/clips", tag = "clips", params(PageQuery),
    responses(
        (status = 200, body = List<Clip>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    paging: Paging,
    request: HttpRequest,
) -> Result<web::Json<List<Clip>>, Error> {
    let filter = Filter {
        account: Some(&caller.account.id),
        cursor: paging.cursor.as_deref(),
        limit: paging.limit,
        ..Filter::default()
    };
    let page = state.store.clips().list(&filter).await?;
    let addresses = Addresses::of(&request, &state.config);
    Ok(web::Json(List::of(page, |clip| {
        Clip::of(clip, &addresses, Some(&caller))
    })))
}
