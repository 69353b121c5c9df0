//! Accounts: joining, logging in, and what an account says about itself.
//!
//! Each endpoint is a file named after what it does. Passwords are [`hasher`]'s, login tokens [`ticket`]'s; what mails
//! carry is made in [`links`].

pub mod account;
pub mod activate;
pub mod change_password;
pub mod first_administrator;
pub mod hasher;
pub mod links;
pub mod log_in;
pub mod log_out;
pub mod me;
pub mod resend_activation;
pub mod reset_password;
pub mod set_password;
pub mod sign_up;
pub mod ticket;

use sluice_domain::Millis;

/// How long a link that confirms an e-mail address works. Two days: mail is read at the weekend too.
pub const ACTIVATION_LASTS: Millis = Millis::from_secs(2 * 24 * 3600);
/// How long a link that sets a new password works. An hour: whoever asked is sitting in front of it.
pub const RESET_LASTS: Millis = Millis::from_secs(3600);
/// How long a login lasts. Two weeks: a performer logs in once a fortnight, a stolen laptop is noticed sooner.
pub const LOGIN_LASTS: Millis = Millis::from_secs(14 * 24 * 3600);
