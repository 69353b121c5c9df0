//! The word to stop, for every part of the worker.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Says when.
pub(crate) struct Trigger(watch::Sender<bool>);

/// Hears of it.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

pub(crate) fn channel() -> (Trigger, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Stop(receiver))
}

impl Trigger {
    pub(crate) fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits for the word.
    pub(crate) async fn wait(&mut self) {
        // An error means that the trigger is gone, and with it the worker.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Rests; true if the word came meanwhile.
    pub(crate) async fn came_within(&mut self, rest: Duration) -> bool {
        timeout(rest, self.wait()).await.is_ok()
    }
}
