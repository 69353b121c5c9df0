//! `POST /api/v1/accounts/activation`: the mail that confirms an address is sent again.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use sluice_domain::Email;
use utoipa::ToSchema;

use super::links;
use crate::error::{Error, Problem};
use crate::http::client::ClientAddress;
use crate::http::fields::Fields;
use crate::state::AppState;

/// Whose mail got lost.
#[derive(Deserialize, ToSchema)]
pub struct Request {
    /// The address that was signed up with.
    #[schema(example = "ada@example.org")]
    email: String,
}

/// Sends the activation mail again
///
/// Answers the same whether or not there is an account that waits for it.
#[utoipa::path(
    post, path = "/api/v1/accounts/activation", tag = "accounts", request_body = Request,
    responses(
        (status = 202, description = "Sent, if there is an account that waits for it"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(
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

async fn send(state: &AppState, email: Email) -> Result<(), Error> {
    match state.store.accounts().by_email(email.as_str()).await? {
        Some(account) if account.activated_at.is_none() => links::send_activation(state, &account.id, email).await,
        _ => Ok(()),
    }
}
