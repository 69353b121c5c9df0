//! `POST /api/v1/login`: somebody shows who they are.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use sluice_domain::{Email, Millis};
use sluice_store::accounts::Account;
use utoipa::ToSchema;
use uuid::Uuid;

use super::LOGIN_LASTS;
use super::ticket::Named;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::caller::LOGIN_COOKIE;
use crate::http::client::ClientAddress;
use crate::http::time::rfc3339;
use crate::state::AppState;

/// Who somebody says they are.
#[derive(Deserialize, ToSchema)]
pub struct Request {
    /// The account's e-mail address.
    #[schema(example = "ada@example.org")]
    email: String,
    /// The account's password.
    #[schema(example = "correct horse battery staple")]
    password: String,
}

/// A login that stands.
#[derive(Serialize, ToSchema)]
pub struct Login {
    /// To be sent as `Authorization: Bearer`; browsers get it as an HttpOnly cookie too.
    token: String,
    /// When it ends by itself.
    #[schema(format = DateTime, example = "2026-12-04T23:09:00.123Z")]
    expires_at: String,
}

/// Logs in
///
/// Sets the cookie `sluice_login`. The token in the answer is for programs.
#[utoipa::path(
    post, path = "/api/v1/login", tag = "accounts", request_body = Request,
    responses(
        (status = 200, body = Login),
        (status = 401, description = "invalid_credentials", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "activation_required, account_suspended", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(
    state: web::Data<AppState>,
    from: ClientAddress,
    body: web::Json<Request>,
) -> Result<HttpResponse, Error> {
    let Request { email, password } = body.into_inner();
    let email = Email::parse(&email).map_err(|_| Error::InvalidCredentials)?;
    state.limits.login(from, &email)?;
    let account = identify(&state, &email, password).await?;
    let (token, expires_at) = open(&state, &account).await?;
    tracing::info!(account = account.id, address = %from.0, "somebody logged in");
    let login = Login {
        token,
        expires_at: rfc3339(expires_at),
    };
    Ok(HttpResponse::Ok()
        .cookie(cookie(&state, login.token.clone()))
        .json(login))
}

/// The cookie that carries `token` for as long as a login lasts.
fn cookie(state: &AppState, token: String) -> Cookie<'static> {
    let lasts = Duration::milliseconds(LOGIN_LASTS.0);
    base(state, token).max_age(lasts).finish()
}

/// The cookie that makes a browser forget its token.
pub fn no_cookie(state: &AppState) -> Cookie<'static> {
    base(state, String::new()).max_age(Duration::ZERO).finish()
}

fn base(state: &AppState, token: String) -> actix_web::cookie::CookieBuilder<'static> {
    let secure = state
        .config
        .public_url
        .as_ref()
        .is_some_and(|url| url.scheme() == "https");
    Cookie::build(LOGIN_COOKIE, token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
}

/// The account that fits; that it waits or is suspended is told only to who knows the password.
async fn identify(state: &AppState, email: &Email, password: String) -> Result<Account, Error> {
    let account = state.store.accounts().by_email(email.as_str()).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let fits = state.hasher.verify(password, hash).await?;
    match account.filter(|_| fits) {
        None => Err(Error::InvalidCredentials),
        Some(account) if account.suspended_at.is_some() => Err(Error::AccountSuspended),
        Some(account) if account.activated_at.is_none() => Err(Error::ActivationRequired),
        Some(account) => Ok(account),
    }
}

async fn open(state: &AppState, account: &Account) -> Result<(String, Millis), Error> {
    let now = clock::now();
    let expires_at = now.plus(LOGIN_LASTS);
    let login = Named {
        login_id: Uuid::now_v7().simple().to_string(),
        account_id: account.id.clone(),
    };
    let logins = state.store.logins();
    logins.create(&login.login_id, &account.id, now, expires_at).await?;
    // A new password or a suspension may have ended all logins while this one was on its way: it must not outlive that.
    let now_stored = state.store.accounts().by_id(&account.id).await?;
    let unchanged = now_stored.is_some_and(|stored| {
        stored.password_hash == account.password_hash && stored.suspended_at == account.suspended_at
    });
    if !unchanged {
        logins.delete(&login.login_id).await?;
        return Err(Error::InvalidCredentials);
    }
    Ok((state.signer.sign(&login, expires_at)?, expires_at))
}
