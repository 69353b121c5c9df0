//! An account as the API shows it: to its owner and to administrators, to nobody else.

use serde::Serialize;
use sluice_store::accounts;
use utoipa::ToSchema;

use crate::http::time::rfc3339;

/// An account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    #[schema(example = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00")]
    id: String,
    /// Its e-mail address, in lower case.
    #[schema(example = "ada@example.org")]
    email: String,
    /// The name others see.
    #[schema(example = "Ada")]
    display_name: String,
    /// `viewer`, `streamer` or `administrator`.
    #[schema(value_type = String, example = "streamer")]
    role: &'static str,
    /// The e-mail address was confirmed, or need not be.
    activated: bool,
    /// It cannot log in or go live.
    suspended: bool,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T23:09:00.123Z")]
    created_at: String,
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            display_name: account.display_name,
            role: account.role.as_str(),
            activated: account.activated_at.is_some(),
            suspended: account.suspended_at.is_some(),
            created_at: rfc3339(account.created_at),
        }
    }
}
