//! `POST /api/v1/password-reset` and `/password-reset/confirm`: a forgotten password is replaced by way of mail.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use sluice_domain::{Email, Password};
use sluice_store::mail_tokens::Purpose;
use utoipa::ToSchema;

use super::links;
use super::set_password::set_password;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::client::ClientAddress;
use crate::http::fields::Fields;
use crate::state::AppState;

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[schema(as = reset_password::Request)]
pub struct Request {
    /// The account's e-mail address.
    #[schema(example = "ada@example.org")]
    email: String,
}

/// The link that was followed, and the new password.
#[derive(Deserialize, ToSchema)]
#[schema(as = reset_password::Confirmation)]
pub struct Confirmation {
    /// The `token` of the link in the mail; good once, for an hour.
    token: String,
    /// 10 to 200 characters.
    #[schema(min_length = 10, max_length = 200)]
    password: String,
}

/// Asks for a mail that lets one choose a new password
///
/// Answers the same whether or not there is such an account.
#[utoipa::path(
    post, path = "/api/v1/password-reset", tag = "accounts", request_body = Request,
    responses(
        (status = 202, description = "Sent, if there is such an account"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn request(
    state: web::Data<AppState>,
    from: ClientAddress,
    body: web::Json<Request>,
) -> Result<HttpResponse, Error> {
    let mut fields = Fields::default();
    let Some(email) = fields.check("email", Email::parse(&body.email)) else {
        return Err(fields.refusal());
    };
    state.limits.mail(from, &email)?;
    // In the background, so that the time it takes tells nobody whether there is such an account.
    tokio::spawn(async move {
        if let Err(error) = send(&state, email).await {
            error.log();
        }
    });
    Ok(HttpResponse::Accepted().finish())
}

/// Chooses a new password
///
/// Ends every login of the account. As the mail has arrived, the address counts as confirmed.
#[utoipa::path(
    post, path = "/api/v1/password-reset/confirm", tag = "accounts", request_body = Confirmation,
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "invalid_token", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn confirm(state: web::Data<AppState>, body: web::Json<Confirmation>) -> Result<HttpResponse, Error> {
    let mut fields = Fields::default();
    let Some(password) = fields.check("password", Password::parse(&body.password)) else {
        return Err(fields.refusal());
    };
    let account_id = links::open(&state, &body.token, Purpose::PasswordReset).await?;
    let accounts = state.store.accounts();
    let account = accounts.by_id(&account_id).await?.ok_or(Error::InvalidToken)?;
    accounts.activate(&account_id, clock::now()).await?;
    set_password(&state, &account, password, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn send(state: &AppState, email: Email) -> Result<(), Error> {
    match state.store.accounts().by_email(email.as_str()).await? {
        Some(account) if account.suspended_at.is_none() => links::send_password_reset(state, &account.id, email).await,
        _ => Ok(()),
    }
}
