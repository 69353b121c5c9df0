//! Who is logged in.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use sluice_domain::Role;
use sluice_store::accounts::Account;

use crate::clock;
use crate::error::Error;
use crate::state::AppState;

/// The cookie that holds a browser's login token.
pub const LOGIN_COOKIE: &str = "sluice_login";

/// Somebody who is logged in; asking for one answers 401 to everybody else.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their account, as it stands in the store now.
    pub account: Account,
    /// The login they came with.
    pub login_id: String,
}

/// An administrator who is logged in; asking for one answers 403 to others.
#[derive(Clone, Debug)]
pub struct Administrator(pub Caller);

/// Perhaps somebody who is logged in: a stale token counts as nobody.
#[derive(Clone, Debug)]
pub struct MaybeCaller(pub Option<Caller>);

impl Caller {
    /// They may see and change what belongs to this account: their own, or everyone's for administrators.
    pub fn manages(&self, owner_id: &str) -> bool {
        self.account.id == owner_id || self.is_administrator()
    }

    /// They may see and mend everything.
    pub fn is_administrator(&self) -> bool {
        self.account.role == Role::Administrator
    }
}

impl MaybeCaller {
    /// Whether there is somebody, and they may see and change what belongs to this account.
    pub fn manages(&self, owner_id: &str) -> bool {
        self.0.as_ref().is_some_and(|caller| caller.manages(owner_id))
    }
}

/// The token a request shows: a bearer's (RFC 6750, section 2.1) before a cookie's.
pub fn token(request: &HttpRequest) -> Option<String> {
    bearer(request)
        .map(ToOwned::to_owned)
        .or_else(|| request.cookie(LOGIN_COOKIE).map(|cookie| cookie.value().to_owned()))
}

/// The token of the `Authorization` header. No page of another site can make a browser send one.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who shows this token, if their login stands.
pub async fn recognise(state: &AppState, token: Option<String>) -> Result<Option<Caller>, Error> {
    let now = clock::now();
    let Some(login) = token.and_then(|token| state.signer.read(&token, now)) else {
        return Ok(None);
    };
    let account = state.store.logins().account(&login.login_id, now).await?;
    let login_id = login.login_id;
    Ok(account.map(|account| Caller { account, login_id }))
}

fn of(request: &HttpRequest) -> impl Future<Output = Result<Option<Caller>, Error>> + use<> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let token = token(request);
    async move {
        match state {
            Some(state) => recognise(&state, token).await,
            None => Err(Error::internal("the application has no state")),
        }
    }
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl FromRequest for Caller {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = of(request);
        Box::pin(async move {
            let caller = caller.await?.ok_or(Error::AuthenticationRequired)?;
            match caller.account.suspended_at {
                Some(_) => Err(Error::AccountSuspended),
                None => Ok(caller),
            }
        })
    }
}

impl FromRequest for Administrator {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move {
            let caller = caller.await?;
            if caller.is_administrator() {
                Ok(Self(caller))
            } else {
                Err(Error::Forbidden("Only administrators may do this.".into()))
            }
        })
    }
}

impl FromRequest for MaybeCaller {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = of(request);
        Box::pin(async move {
            let caller = caller.await?;
            Ok(Self(caller.filter(|caller| caller.account.suspended_at.is_none())))
        })
    }
}
