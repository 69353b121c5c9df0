//! Who is logged in where.

use sluice_domain::Millis;

use crate::Error;
use crate::accounts::Account;
use crate::dialect::Db;
use crate::statement::values;

/// The logins of a store.
pub struct Logins<'a> {
    pub(crate) db: &'a Db,
}

impl Logins<'_> {
    /// Records a login; its id is the `jti` of the token handed out.
    pub async fn create(
        &self,
        id: &str,
        account_id: &str,
        created_at: Millis,
        expires_at: Millis,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO logins (id, account_id, created_at, expires_at) VALUES (?, ?, ?, ?)";
        let values = values![id, account_id, created_at, expires_at];
        self.db.execute(sql, values).await.map(drop)
    }

    /// The account behind a login, suspended or not; none when the login has ended or expired.
    pub async fn account(&self, login_id: &str, now: Millis) -> Result<Option<Account>, Error> {
        let sql = "SELECT a.* FROM logins l JOIN accounts a ON a.id = l.account_id WHERE l.id = ? AND l.expires_at > ?";
        self.db.one(sql, values![login_id, now]).await
    }

    /// Ends a login. False if it had ended.
    pub async fn delete(&self, login_id: &str) -> Result<bool, Error> {
        self.db
            .changed("DELETE FROM logins WHERE id = ?", values![login_id])
            .await
    }

    /// Ends all logins of an account, `except` one if given.
    pub async fn delete_of_account(&self, account_id: &str, except: Option<&str>) -> Result<(), Error> {
        // No login has the empty id.
        let sql = "DELETE FROM logins WHERE account_id = ? AND id <> ?";
        let values = values![account_id, except.unwrap_or_default()];
        self.db.execute(sql, values).await.map(drop)
    }

    /// Removes expired logins.
    pub async fn purge(&self, now: Millis) -> Result<u64, Error> {
        self.db
            .execute("DELETE FROM logins WHERE expires_at <= ?", values![now])
            .await
    }
}
