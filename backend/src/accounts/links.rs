//! Mails with a link that opens something, once.

use sluice_config::Url;
use sluice_domain::{Email, Millis};
use sluice_store::mail_tokens::Purpose;

use super::{ACTIVATION_LASTS, RESET_LASTS};
use crate::error::Error;
use crate::mail::{Mail, texts};
use crate::state::AppState;
use crate::{clock, random};

/// A link token has 43 characters; what is much longer is not even hashed.
const LONGEST_TOKEN: usize = 100;

/// Sends the mail that confirms an account's address.
pub async fn send_activation(state: &AppState, account_id: &str, to: Email) -> Result<(), Error> {
    send(state, account_id, Purpose::Activation, |site, token| {
        texts::activation(to, site, token)
    })
    .await
}

/// Sends the mail that lets an account choose a new password.
pub async fn send_password_reset(state: &AppState, account_id: &str, to: Email) -> Result<(), Error> {
    send(state, account_id, Purpose::PasswordReset, |site, token| {
        texts::password_reset(to, site, token)
    })
    .await
}

/// Uses a token up and names its account.
pub async fn open(state: &AppState, token: &str, purpose: Purpose) -> Result<String, Error> {
    if token.len() > LONGEST_TOKEN {
        return Err(Error::InvalidToken);
    }
    let hash = random::fingerprint(token.trim());
    let account = state.store.mail_tokens().take(&hash, purpose, clock::now()).await?;
    account.ok_or(Error::InvalidToken)
}

async fn send(
    state: &AppState,
    account_id: &str,
    purpose: Purpose,
    mail: impl FnOnce(&Url, &str) -> Mail,
) -> Result<(), Error> {
    let site = state
        .mail_site()
        .ok_or_else(|| Error::internal("the site has no address for links"))?;
    let token = random::link_token()?;
    let expires_at = clock::now().plus(lasts(purpose));
    state
        .store
        .mail_tokens()
        .create(&random::fingerprint(&token), account_id, purpose, expires_at)
        .await?;
    state.postbox.send(mail(&site, &token));
    Ok(())
}

const fn lasts(purpose: Purpose) -> Millis {
    match purpose {
        Purpose::Activation => ACTIVATION_LASTS,
        Purpose::PasswordReset => RESET_LASTS,
    }
}
