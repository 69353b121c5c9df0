//! The word that the process is about to stop, for whatever would otherwise wait for its client.

use tokio::sync::watch;

/// Says when to stop. Dropping it says so too.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Hears of it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// A trigger and the ear that belongs to it.
pub fn channel() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Tells everyone to stop.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Waits until the process is about to stop.
    pub async fn wait(&mut self) {
        // An error means that the trigger is gone, and with it the process.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// The process is about to stop.
    pub fn has_come(&self) -> bool {
        *self.0.borrow()
    }
}
