//! Single-use tokens sent by mail, stored as their SHA-256.

use sluice_domain::Millis;

use crate::Error;
use crate::dialect::Db;
use crate::row::{Record, Row};
use crate::statement::values;

/// The mailed tokens of a store.
pub struct MailTokens<'a> {
    pub(crate) db: &'a Db,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms an e-mail address.
    Activation,
    /// Sets a new password.
    PasswordReset,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::PasswordReset => "password_reset",
        }
    }
}

impl MailTokens<'_> {
    /// Records a token by its SHA-256 in hex.
    pub async fn create(
        &self,
        hash: &str,
        account_id: &str,
        purpose: Purpose,
        expires_at: Millis,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO mail_tokens (hash, account_id, purpose, expires_at) VALUES (?, ?, ?, ?)";
        let values = values![hash, account_id, purpose.as_str(), expires_at];
        self.db.execute(sql, values).await.map(drop)
    }

    /// Uses a token up and names its account; none if it is unknown, expired, used, or for another purpose.
    ///
    /// Of several that try at once, one gets it.
    pub async fn take(&self, hash: &str, purpose: Purpose, now: Millis) -> Result<Option<String>, Error> {
        let sql = "SELECT account_id FROM mail_tokens WHERE hash = ? AND purpose = ? AND expires_at > ?";
        let Some(Holder(account_id)) = self.db.one(sql, values![hash, purpose.as_str(), now]).await? else {
            return Ok(None);
        };
        let mine = self
            .db
            .changed("DELETE FROM mail_tokens WHERE hash = ?", values![hash])
            .await?;
        Ok(mine.then_some(account_id))
    }

    /// Makes all tokens of an account worthless that were mailed for this purpose.
    pub async fn delete_of_account(&self, account_id: &str, purpose: Purpose) -> Result<(), Error> {
        let sql = "DELETE FROM mail_tokens WHERE account_id = ? AND purpose = ?";
        self.db
            .execute(sql, values![account_id, purpose.as_str()])
            .await
            .map(drop)
    }

    /// Removes expired tokens.
    pub async fn purge(&self, now: Millis) -> Result<u64, Error> {
        self.db
            .execute("DELETE FROM mail_tokens WHERE expires_at <= ?", values![now])
            .await
    }
}

struct Holder(String);

impl Record for Holder {
    fn read(row: &Row) -> Result<Self, Error> {
        row.get("account_id").map(Self)
    }
}
