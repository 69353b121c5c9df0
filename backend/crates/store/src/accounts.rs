//! Who has an account.

use sluice_domain::{Millis, Role};

use crate::Error;
use crate::dialect::Db;
use crate::page::{Page, rows_wanted};
use crate::row::{Record, Row};
use crate::statement::{Statement, anywhere, values};

/// The accounts of a store.
pub struct Accounts<'a> {
    pub(crate) db: &'a Db,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// Its e-mail address; stored in lower case.
    pub email: String,
    /// The name others see.
    pub display_name: String,
    /// The password's argon2id hash in PHC form.
    pub password_hash: String,
    /// What it may do.
    pub role: Role,
    /// When its address was confirmed; none while that is awaited.
    pub activated_at: Option<Millis>,
    /// When it is made.
    pub created_at: Millis,
}

/// An account as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its e-mail address, in lower case; unique.
    pub email: String,
    /// The name others see.
    pub display_name: String,
    /// The password's argon2id hash in PHC form.
    pub password_hash: String,
    /// What it may do.
    pub role: Role,
    /// When its address was confirmed; none while that is awaited.
    pub activated_at: Option<Millis>,
    /// When it was suspended, if it is.
    pub suspended_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
}

impl Accounts<'_> {
    /// Makes an account. [`Error::Conflict`] if the address has one.
    pub async fn create(&self, new: &New) -> Result<(), Error> {
        let sql = "INSERT INTO accounts \
                   (id, email, display_name, display_name_folded, password_hash, role, activated_at, created_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let email = new.email.to_lowercase();
        let folded = new.display_name.to_lowercase();
        let values = values![
            &new.id,
            &email,
            &new.display_name,
            &folded,
            &new.password_hash,
            new.role.as_str(),
            new.activated_at,
            new.created_at,
        ];
        self.db.execute(sql, values).await.map(drop)
    }

    /// The account with this id.
    pub async fn by_id(&self, id: &str) -> Result<Option<Account>, Error> {
        self.db.one("SELECT * FROM accounts WHERE id = ?", values![id]).await
    }

    /// The account with this e-mail address, in whatever case.
    pub async fn by_email(&self, email: &str) -> Result<Option<Account>, Error> {
        let email = email.to_lowercase();
        self.db
            .one("SELECT * FROM accounts WHERE email = ?", values![&email])
            .await
    }

    /// Accounts, newest first; only those with `query` in their address or name, if given.
    pub async fn list(&self, query: Option<&str>, cursor: Option<&str>, limit: u32) -> Result<Page<Account>, Error> {
        let pattern = query.map(anywhere);
        let mut select = Statement::new("SELECT * FROM accounts WHERE 1 = 1");
        if let Some(pattern) = &pattern {
            let found = "AND (email LIKE ? ESCAPE '!' OR display_name_folded LIKE ? ESCAPE '!')";
            select.push(found, values![pattern, pattern]);
        }
        if let Some(cursor) = cursor {
            select.push("AND id < ?", values![cursor]);
        }
        select.push("ORDER BY id DESC LIMIT ?", values![rows_wanted(limit)]);
        let rows = self.db.all(select.sql, &select.values).await?;
        Ok(Page::cut(rows, limit, |account: &Account| &account.id))
    }

    /// Changes the name others see. False if there is no such account, here and below.
    pub async fn set_display_name(&self, id: &str, display_name: &str) -> Result<bool, Error> {
        let sql = "UPDATE accounts SET display_name = ?, display_name_folded = ? WHERE id = ?";
        let folded = display_name.to_lowercase();
        self.db.changed(sql, values![display_name, &folded, id]).await
    }

    /// Replaces the password's hash.
    pub async fn set_password(&self, id: &str, password_hash: &str) -> Result<bool, Error> {
        let sql = "UPDATE accounts SET password_hash = ? WHERE id = ?";
        self.db.changed(sql, values![password_hash, id]).await
    }

    /// Records that the address was confirmed; the first time counts.
    pub async fn activate(&self, id: &str, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE accounts SET activated_at = COALESCE(activated_at, ?) WHERE id = ?";
        self.db.changed(sql, values![now, id]).await
    }

    /// Changes what the account may do.
    pub async fn set_role(&self, id: &str, role: Role) -> Result<bool, Error> {
        let sql = "UPDATE accounts SET role = ? WHERE id = ?";
        self.db.changed(sql, values![role.as_str(), id]).await
    }

    /// Suspends the account; the first time counts.
    pub async fn suspend(&self, id: &str, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE accounts SET suspended_at = COALESCE(suspended_at, ?) WHERE id = ?";
        self.db.changed(sql, values![now, id]).await
    }

    /// Lets a suspended account in again.
    pub async fn unsuspend(&self, id: &str) -> Result<bool, Error> {
        let sql = "UPDATE accounts SET suspended_at = NULL WHERE id = ?";
        self.db.changed(sql, values![id]).await
    }

    /// How many accounts have this role.
    pub async fn count_by_role(&self, role: Role) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) AS n FROM accounts WHERE role = ?";
        self.db.count(sql, values![role.as_str()]).await
    }
}

impl Record for Account {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("id")?,
            email: row.get("email")?,
            display_name: row.get("display_name")?,
            password_hash: row.get("password_hash")?,
            role: row.get("role")?,
            activated_at: row.get("activated_at")?,
            suspended_at: row.get("suspended_at")?,
            created_at: row.get("created_at")?,
        })
    }
}
