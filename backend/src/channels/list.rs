//! `GET /api/v1/channels`: what there is to watch.

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use sluice_store::channels::{Audience, Filter};
use utoipa::IntoParams;

use super::channel::Channel;
use super::reader::Reader;
use crate::error::{Error, Problem};
use crate::http::caller::{Caller, MaybeCaller};
use crate::http::list::{List, PageQuery, Paging, search};
use crate::state::AppState;

/// Which channels are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only those on air, or only those off air.
    live: Option<bool>,
    /// Only one's own.
    mine: Option<bool>,
    /// Only those with this text in their slug or title.
    #[param(example = "stage")]
    q: Option<String>,
}

/// Channels, newest first
///
/// Unlisted ones are shown to their owner and to administrators only.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "channels", params(Query, PageQuery),
    responses(
        (status = 200, body = List<Channel>),
        (status = 400, description = "invalid_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "authentication_required: `mine` without a login", body = Problem,
            content_type = "application/problem+json"),
    ),
    security((), ("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: MaybeCaller,
    query: web::Query<Query>,
    paging: Paging,
    request: HttpRequest,
) -> Result<web::Json<List<Channel>>, Error> {
    let mine = query.mine == Some(true);
    let account = caller.0.as_ref().map(|caller| caller.account.id.as_str());
    if mine && account.is_none() {
        return Err(Error::AuthenticationRequired);
    }
    let filter = Filter {
        owner: account.filter(|_| mine),
        audience: audience(caller.0.as_ref()),
        live: query.live,
        query: search(query.q.as_deref())?,
        cursor: paging.cursor.as_deref(),
        limit: paging.limit,
    };
    let page = state.store.channels().list(&filter).await?;
    let mut reader = Reader::of(&state, &request, caller.0.as_ref());
    reader.look_at(&page.items).await?;
    Ok(web::Json(List::of(page, |channel| Channel::of(channel, &reader))))
}

fn audience(caller: Option<&Caller>) -> Audience<'_> {
    match caller {
        Some(caller) if caller.is_administrator() => Audience::Administrator,
        Some(caller) => Audience::Account(&caller.account.id),
        None => Audience::Everyone,
    }
}
