//! `GET /api/v1/admin/accounts`: who has joined.

use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::accounts::account::Account;
use crate::error::{Error, Problem};
use crate::http::caller::Administrator;
use crate::http::list::{List, PageQuery, Paging, search};
use crate::state::AppState;

/// Which accounts are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only those with this text in their e-mail address or name.
    #[param(example = "ada")]
    q: Option<String>,
}

/// All accounts, newest first
#[utoipa::path(
    get, path = "/api/v1/admin/accounts", tag = "administration", params(Query, PageQuery),
    responses(
        (status = 200, body = List<Account>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    _: Administrator,
    query: web::Query<Query>,
    paging: Paging,
) -> Result<web::Json<List<Account>>, Error> {
    let query = search(query.q.as_deref())?;
    let page = state
        .store
        .accounts()
        .list(query, paging.cursor.as_deref(), paging.limit)
        .await?;
    Ok(web::Json(List::of(page, Account::from)))
}
