//! `GET /api/v1/admin/clips`: every clip of the site.

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_store::clips::Filter;
use utoipa::IntoParams;

use super::clip::Clip;
use crate::error::{Error, Problem};
use crate::http::address::Addresses;
use crate::http::caller::Administrator;
use crate::http::list::{List, PageQuery, Paging, search};
use crate::state::AppState;

/// Which clips are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only those with this text in their title or their channel's slug.
    #[param(example = "drop")]
    q: Option<String>,
}

/// All clips, newest first
#[utoipa::path(
    get, path = "/api/v1/admin/clips", tag = "administration", params(Query, PageQuery),
    responses(
        (status = 200, body = List<Clip>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    administrator: Administrator,
    query: web::Query<Query>,
    paging: Paging,
    request: HttpRequest,
) -> Result<web::Json<List<Clip>>, Error> {
    let filter = Filter {
        query: search(query.q.as_deref())?,
        cursor: paging.cursor.as_deref(),
        limit: paging.limit,
        ..Filter::default()
    };
    let page = state.store.clips().list(&filter).await?;
    let addresses = Addresses::of(&request, &state.config);
    let show = |clip| Clip::of(clip, &addresses, Some(&administrator.0));
    Ok(web::Json(List::of(page, show)))
}
