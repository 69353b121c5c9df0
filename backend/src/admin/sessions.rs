//! `GET /api/v1/admin/sessions?state=live`: who is on air.

use actix_web::web;
use serde::{Deserialize, Serialize};
use sluice_store::publish_sessions;
use utoipa::{IntoParams, ToSchema};

use crate::channels::session::Session;
use crate::error::{Error, Problem};
use crate::http::caller::Administrator;
use crate::http::list::{List, PageQuery, Paging};
use crate::state::AppState;

/// Which sessions are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only `live` can be asked for; the past is with each channel.
    #[param(example = "live")]
    state: Option<String>,
}

/// A live session and where it is.
#[derive(Serialize, ToSchema)]
pub struct ChannelSession {
    /// The channel's slug.
    #[schema(example = "main-stage")]
    channel: String,
    #[serde(flatten)]
    session: Session,
}

/// All live sessions, newest first
#[utoipa::path(
    get, path = "/api/v1/admin/sessions", tag = "administration", params(Query, PageQuery),
    responses(
        (status = 200, body = List<ChannelSession>),
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
) -> Result<web::Json<List<ChannelSession>>, Error> {
    if query.state.as_deref().is_some_and(|state| state != "live") {
        return Err(Error::InvalidRequest("state must be live.".into()));
    }
    let page = state
        .store
        .publish_sessions()
        .list_live(paging.cursor.as_deref(), paging.limit)
        .await?;
    Ok(web::Json(List::of(page, ChannelSession::from)))
}

impl From<publish_sessions::Session> for ChannelSession {
    fn from(session: publish_sessions::Session) -> Self {
        Self {
            channel: session.slug.clone(),
            session: session.into(),
        }
    }
}
