//! The only reader of the system clock among the workers.

use std::time::{SystemTime, UNIX_EPOCH};

use sluice_domain::Millis;

/// The time now. A clock set before 1970 reads as 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    crate::length(since_epoch)
}
