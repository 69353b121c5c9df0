//! `POST /api/v1/logout`: a login ends.

use actix_web::{HttpRequest, HttpResponse, web};

use super::log_in::no_cookie;
use crate::error::Error;
use crate::http::caller;
use crate::state::AppState;

/// Logs out
///
/// The login's token is worth nothing from now on. Succeeds for whoever is not logged in, too.
#[utoipa::path(
    post, path = "/api/v1/logout", tag = "accounts",
    responses((status = 204, description = "Logged out")),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    if let Some(caller) = caller::recognise(&state, caller::token(&request)).await? {
        state.store.logins().delete(&caller.login_id).await?;
    }
    Ok(HttpResponse::NoContent().cookie(no_cookie(&state)).finish())
}
