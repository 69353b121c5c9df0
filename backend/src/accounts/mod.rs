//! Accounts: joining, logging in, and what an account says about itself.

pub mod hasher;
pub mod ticket;

use sluice_domain::Millis;

/// How long a link that confirms an e-mail address works. Two days: mail is read at the weekend too.
pub const ACTIVATION_LASTS: Millis = Millis::from_secs(2 * 24 * 3600);
/// How long a link that sets a new password works. An hour: whoever asked is sitting in front of it.
pub const RESET_LASTS: Millis = Millis::from_secs(3600);
/// How long a login lasts.
pub const LOGIN_LASTS: Millis = Millis::from_secs(14 * 24 * 3600);
