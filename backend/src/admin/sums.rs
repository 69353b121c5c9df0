//! What channels take, remembered for a moment: to sum it up, every segment is looked at, and an open page asks again and
//! again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_store::storage::Taken;
use sluice_store::{Error, Store};
use tokio::sync::Mutex;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(10);

/// The last answer; cheap to clone. Who asks while it is sought waits for it.
#[derive(Clone, Debug, Default)]
pub struct Sums(Arc<Mutex<Option<Answer>>>);

#[derive(Debug)]
struct Answer {
    at: Instant,
    channels: Arc<[Taken]>,
}

impl Sums {
    /// What each channel takes.
    pub async fn channels(&self, store: &Store) -> Result<Arc<[Taken]>, Error> {
        let mut last = self.0.lock().await;
        if let Some(answer) = last.as_ref().filter(|answer| answer.at.elapsed() < HOLDS) {
            return Ok(Arc::clone(&answer.channels));
        }
        let channels: Arc<[Taken]> = store.storage().by_channel().await?.into();
        *last = Some(Answer {
            at: Instant::now(),
            channels: Arc::clone(&channels),
        });
        Ok(channels)
    }
}
