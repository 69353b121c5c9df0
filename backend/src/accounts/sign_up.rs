//! `POST /api/v1/accounts`: somebody joins.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use sluice_domain::account::DISPLAY_NAME;
use sluice_domain::{Email, Password};
use sluice_store::{Error as StoreError, accounts};
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::Account;
use super::links;
use crate::clock;
use crate::error::{Error, Problem};
use crate::http::client::ClientAddress;
use crate::http::fields::Fields;
use crate::state::AppState;

/// Who wants to join.
#[derive(Deserialize, ToSchema)]
pub struct Request {
    /// An e-mail address that has no account yet.
    #[schema(example = "ada@example.org")]
    email: String,
    /// 10 to 200 characters.
    #[schema(example = "correct horse battery staple", min_length = 10, max_length = 200)]
    password: String,
    /// The name others see, 1 to 60 characters.
    #[schema(example = "Ada", min_length = 1, max_length = 60)]
    display_name: String,
}

/// Makes an account
///
/// Where activation is required, a mail with a link is sent, and the account cannot log in before it was followed.
#[utoipa::path(
    post, path = "/api/v1/accounts", tag = "accounts", request_body = Request,
    responses(
        (status = 201, body = Account),
        (status = 409, description = "email_taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "too_many_requests", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(
    state: web::Data<AppState>,
    from: ClientAddress,
    body: web::Json<Request>,
) -> Result<HttpResponse, Error> {
    let wish = body.into_inner().read()?;
    state.limits.signup(from)?;
    let email = wish.email.clone();
    let account = create(&state, wish).await?;
    if account.activated_at.is_none() {
        links::send_activation(&state, &account.id, email).await?;
    }
    tracing::info!(account = account.id, "an account was made");
    Ok(HttpResponse::Created().json(Account::from(account)))
}

struct Wish {
    email: Email,
    password: Password,
    display_name: String,
}

impl Request {
    fn read(self) -> Result<Wish, Error> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&self.email));
        let password = fields.check("password", Password::parse(&self.password));
        let display_name = fields.check("display_name", DISPLAY_NAME.line(&self.display_name));
        let (Some(email), Some(password), Some(display_name)) = (email, password, display_name) else {
            return Err(fields.refusal());
        };
        Ok(Wish {
            email,
            password,
            display_name,
        })
    }
}

async fn create(state: &AppState, wish: Wish) -> Result<accounts::Account, Error> {
    // Looked up first only to spare the hash; what decides a race is the store.
    if state.store.accounts().by_email(wish.email.as_str()).await?.is_some() {
        return Err(Error::EmailTaken);
    }
    let now = clock::now();
    let new = accounts::New {
        id: Uuid::now_v7().simple().to_string(),
        email: wish.email.to_string(),
        display_name: wish.display_name,
        password_hash: state.hasher.hash(wish.password).await?,
        role: state.config.signup_role,
        activated_at: (!state.activation_required()).then_some(now),
        created_at: now,
    };
    match state.store.accounts().create(&new).await {
        Ok(()) => Ok(state.store.accounts().by_id(&new.id).await?.ok_or(Error::NotFound)?),
        Err(StoreError::Conflict) => Err(Error::EmailTaken),
        Err(error) => Err(error.into()),
    }
}
