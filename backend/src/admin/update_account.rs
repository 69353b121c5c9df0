//! `PATCH /api/v1/admin/accounts/{id}`: an account gets another role, or is suspended.

use actix_web::web;
use serde::Deserialize;
use sluice_domain::{EndReason, Role};
use utoipa::ToSchema;

use crate::accounts::account::Account;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::Administrator;
use crate::http::fields::Fields;
use crate::http::list::is_id;
use crate::state::AppState;

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = admin::AccountPatch)]
pub struct Patch {
    /// `viewer`, `streamer` or `administrator`.
    #[schema(example = "streamer")]
    role: Option<String>,
    /// Whether it is kept from logging in and going live.
    suspended: Option<bool>,
}

/// Changes an account
///
/// A suspension works at once: every login of the account and every show on its channels ends.
#[utoipa::path(
    patch, path = "/api/v1/admin/accounts/{id}", tag = "administration", request_body = Patch,
    params(("id" = String, Path, description = "The account's id", example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")),
    responses(
        (status = 200, body = Account),
        (status = 401, description = "authentication_required", body = Problem,
            content_type = "application/problem+json"),
        (status = 403, description = "forbidden", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "not_found", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "cannot_change_self", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("cookie" = []), ("bearer" = []))
)]
pub async fn handle(
    state: web::Data<AppState>,
    Administrator(caller): Administrator,
    id: web::Path<String>,
    body: web::Json<Patch>,
) -> Result<web::Json<Account>, Error> {
    let mut fields = Fields::default();
    let Some(role) = fields.check_optional("role", body.role.as_deref().map(role)) else {
        return Err(fields.refusal());
    };
    if !is_id(&id) || state.store.accounts().by_id(&id).await?.is_none() {
        return Err(Error::NotFound);
    }
    if *id == caller.account.id {
        return Err(Error::CannotChangeSelf);
    }
    if let Some(role) = role {
        state.store.accounts().set_role(&id, role).await?;
        if role < Role::Streamer {
            state.live.end_owner(&id, EndReason::RoleLost).await;
        }
    }
    match body.suspended {
        Some(true) => suspend(&state, &id).await?,
        Some(false) => drop(state.store.accounts().unsuspend(&id).await?),
        None => {}
    }
    let suspended = body.suspended;
    tracing::info!(
        account = *id,
        by = caller.account.id,
        ?role,
        ?suspended,
        "an account was changed"
    );
    let account = state.store.accounts().by_id(&id).await?.ok_or(Error::NotFound)?;
    Ok(web::Json(account.into()))
}

/// First the account, so that nothing begins anew behind our back; then what is under way.
async fn suspend(state: &AppState, account_id: &str) -> Result<(), Error> {
    state.store.accounts().suspend(account_id, clock::now()).await?;
    state.store.logins().delete_of_account(account_id, None).await?;
    state.live.end_owner(account_id, EndReason::AccountSuspended).await;
    Ok(())
}

fn role(word: &str) -> Result<Role, &'static str> {
    Role::parse(word).ok_or("The role must be viewer, streamer or administrator.")
}
