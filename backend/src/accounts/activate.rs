//! `POST /api/v1/accounts/activate`: an e-mail address is confirmed.

use actix_web::web;
use serde::Deserialize;
use sluice_store::mail_tokens::Purpose;
use utoipa::ToSchema;

use super::account::Account;
use super::links;
use crate::clock;
use crate::error::{Error, Problem};
use crate::state::AppState;

/// The link that was followed.
#[derive(Deserialize, ToSchema)]
pub struct Request {
    /// The `token` of the link in the mail; good once, for two days.
    #[schema(example = "Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbg")]
    token: String,
}

/// Confirms an account's e-mail address
#[utoipa::path(
    post, path = "/api/v1/accounts/activate", tag = "accounts", request_body = Request,
    responses(
        (status = 200, body = Account),
        (status = 400, description = "invalid_token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(state: web::Data<AppState>, body: web::Json<Request>) -> Result<web::Json<Account>, Error> {
    let account_id = links::open(&state, &body.token, Purpose::Activation).await?;
    let accounts = state.store.accounts();
    accounts.activate(&account_id, clock::now()).await?;
    let account = accounts.by_id(&account_id).await?.ok_or(Error::InvalidToken)?;
    tracing::info!(account = account.id, "an account was activated");
    Ok(web::Json(account.into()))
}
