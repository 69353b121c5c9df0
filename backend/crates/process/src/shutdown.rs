//! The word to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Waits until the operator asks the process to stop: SIGTERM, or Ctrl-C on a terminal.
pub async fn asked_for() {
    let hear = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            // Without a handler the signal's own effect holds: the process ends.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = hear(SignalKind::terminate()) => {}
        () = hear(SignalKind::interrupt()) => {}
    }
}
