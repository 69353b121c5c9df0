//! What happens when a password is replaced, by whichever way.

use sluice_domain::{Email, Password};
use sluice_store::accounts::Account;
use sluice_store::mail_tokens::Purpose;

use crate::error::Error;
use crate::mail::texts;
use crate::state::AppState;

/// Stores a new password, ends all logins but the one that is kept and every reset link, and tells the owner by mail.
pub async fn set_password(
    state: &AppState,
    account: &Account,
    password: Password,
    kept_login: Option<&str>,
) -> Result<(), Error> {
    let hash = state.hasher.hash(password).await?;
    state.store.accounts().set_password(&account.id, &hash).await?;
    state.store.logins().delete_of_account(&account.id, kept_login).await?;
    state
        .store
        .mail_tokens()
        .delete_of_account(&account.id, Purpose::PasswordReset)
        .await?;
    if let Ok(to) = Email::parse(&account.email) {
        state.postbox.send(texts::password_changed(to));
    }
    tracing::info!(account = account.id, "a password was changed");
    Ok(())
}
