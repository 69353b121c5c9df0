//! `GET /api/v1/admin/channels`: every channel, listed or not.

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_store::channels::Filter;
use utoipa::IntoParams;

use crate::channels::channel::Channel;
use crate::channels::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::Administrator;
use crate::http::list::{List, PageQuery, Paging, search};
use crate::state::AppState;

/// Which channels are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only those with this text in their slug or title.
    #[param(example = "stage")]
    q: Option<String>,
}

/// All channels, newest first
#[utoipa::path(
    get, path = "/api/v1/admin/channels", tag = "administration", params(Query, PageQuery),
    responses(
        (status = 200, body = List<Channel>),
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
) -> Result<web::Json<List<Channel>>, Error> {
    let filter = Filter {
        query: search(query.q.as_deref())?,
        cursor: paging.cursor.as_deref(),
        limit: paging.limit,
        ..Filter::default()
    };
    let page = state.store.channels().list(&filter).await?;
    let mut reader = Reader::of(&state, &request, Some(&administrator.0));
    reader.look_at(&page.items).await?;
    Ok(web::Json(List::of(page, |channel| Channel::of(channel, &reader))))
}
