//! `POST /api/v1/me/password`: somebody who is logged in chooses a new password.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use sluice_domain::{Email, Password};
use utoipa::ToSchema;

use super::set_password::set_password;
use crate::error::{Error, Problem};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::state::AppState;

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
pub struct Request {
    /// What it is now.
    current_password: String,
    /// What it shall be, 10 to 200 characters.
    #[schema(min_length = 10, max_length = 200)]
    new_password: String,
}

/// Changes one's own password
///
/// Ends every other login of the account at once.
#[utoipa::path(
    post, path = "/api/v1/me/password", tag = "accounts", request_body = Request,
    responses(
        (status = 204, description = "Changed"),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "validation_failed: also where the current password is wrong", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    caller: Caller,
    body: web::Json<Request>,
) -> Result<HttpResponse, Error> {
    let Request {
        current_password,
        new_password,
    } = body.into_inner();
    let mut fields = Fields::default();
    let Some(new_password) = fields.check("new_password", Password::parse(&new_password)) else {
        return Err(fields.refusal());
    };
    if let Ok(email) = Email::parse(&caller.account.email) {
        state.limits.password(&email)?;
    }
    let hash = Some(caller.account.password_hash.clone());
    if !state.hasher.verify(current_password, hash).await? {
        return Err(Error::field("current_password", "This is not your current password."));
    }
    set_password(&state, &caller.account, new_password, Some(&caller.login_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
