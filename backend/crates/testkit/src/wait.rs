//! Waiting for something to become true.

use std::time::{Duration, Instant};

/// Between two looks: short beside anything a test waits for, long beside the cost of looking.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks `check` until it gives something, and gives that.
///
/// # Panics
/// When nothing came within `bound`; the message says `what` was waited for. The bound is for a loaded machine, not
/// a promise of speed.
pub async fn wait_for<T>(bound: Duration, what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        // A look that itself takes long is followed by another.
        let is_last = begun.elapsed() >= bound;
        if let Some(found) = check().await {
            return found;
        }
        assert!(!is_last, "waited {bound:?} in vain: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same where the answer is at hand without waiting, and on a thread that may sleep.
///
/// # Panics
/// When nothing came within `bound`.
pub fn wait_here<T>(bound: Duration, what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        let is_last = begun.elapsed() >= bound;
        if let Some(found) = check() {
            return found;
        }
        assert!(!is_last, "waited {bound:?} in vain: {what}");
        std::thread::sleep(PAUSE);
    }
}
