//! The account that a fresh site begins with.

use sluice_domain::{Email, Password, Role};
use sluice_store::{Error as StoreError, accounts};
use uuid::Uuid;

use crate::error::Error;
use crate::state::AppState;
use crate::{clock, random};

/// The administrator that was just made; its password is nowhere else.
pub struct FirstAdministrator {
    /// What to log in with.
    pub email: String,
    /// Random, to be shown once and never logged.
    pub password: String,
}

/// Makes an administrator if the site has none. None is made where `ADMIN_EMAIL` has an account already.
pub async fn ensure(state: &AppState) -> Result<Option<FirstAdministrator>, Error> {
    if state.store.accounts().count_by_role(Role::Administrator).await? > 0 {
        return Ok(None);
    }
    let email = Email::parse(&state.config.admin_email).map_err(Error::internal)?;
    let password = random::first_password()?;
    let secret = Password::parse(&password).map_err(Error::internal)?;
    let now = clock::now();
    let new = accounts::New {
        id: Uuid::now_v7().simple().to_string(),
        email: email.to_string(),
        display_name: "Administrator".to_owned(),
        password_hash: state.hasher.hash(secret).await?,
        role: Role::Administrator,
        activated_at: Some(now),
        created_at: now,
    };
    match state.store.accounts().create(&new).await {
        Ok(()) => Ok(Some(FirstAdministrator {
            email: new.email,
            password,
        })),
        Err(StoreError::Conflict) => {
            tracing::warn!("there is no administrator, and ADMIN_EMAIL belongs to another account");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
