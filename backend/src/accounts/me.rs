//! `GET` and `PATCH /api/v1/me`: one's own account.

use actix_web::web;
use serde::Deserialize;
use sluice_domain::account::DISPLAY_NAME;
use utoipa::ToSchema;

use super::account::Account;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::state::AppState;

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct Patch {
    /// The name others see, 1 to 60 characters.
    #[schema(example = "Ada L.", min_length = 1, max_length = 60)]
    display_name: Option<String>,
}

/// One's own account
#[utoipa::path(
    get, path = "/api/v1/me", tag = "accounts",
    responses(
        (status = 200, body = Account),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn read(caller: Caller) -> web::Json<Account> {
    web::Json(caller.account.into())
}

/// Changes one's own account
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "accounts", request_body = Patch,
    responses(
        (status = 200, body = Account),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn update(
    state: web::Data<AppState>,
    caller: Caller,
    body: web::Json<Patch>,
) -> Result<web::Json<Account>, Error> {
    let mut account = caller.account;
    if let Some(name) = &body.display_name {
        let mut fields = Fields::default();
        let Some(name) = fields.check("display_name", DISPLAY_NAME.line(name)) else {
            return Err(fields.refusal());
        };
        state.store.accounts().set_display_name(&account.id, &name).await?;
        account.display_name = name;
    }
    Ok(web::Json(account.into()))
}
