//! The only reader of the system clock, so that everything else can be asked about any moment.

use std::time::{SystemTime, UNIX_EPOCH};

use sluice_domain::Millis;

/// The time now. A clock set before 1970 reads as 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
