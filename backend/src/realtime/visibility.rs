//! Which channels' news is for everyone, remembered for a few seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;
use sluice_domain::Access;
use sluice_store::Store;

/// How long an answer holds. Another process may change a channel; ours tells us when it does.
const HOLDS: Duration = Duration::from_secs(10);

/// Knows which channels are listed; cheap to clone. Holds as many answers as there are channels that make news.
#[derive(Clone, Debug)]
pub struct Visibility {
    store: Store,
    answers: Arc<DashMap<String, (bool, Instant)>>,
}

impl Visibility {
    /// Asks `store`.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            answers: Arc::default(),
        }
    }

    /// Whether the channel is for everyone. Where that cannot be found out, it is not.
    pub async fn is_listed(&self, slug: &str) -> bool {
        if let Some(listed) = self.remembered(slug) {
            return listed;
        }
        let listed = match self.store.channels().by_slug(slug).await {
            Ok(channel) => channel.is_some_and(|channel| channel.access == Access::Public),
            Err(_) => return false,
        };
        self.answers.insert(slug.to_owned(), (listed, Instant::now()));
        listed
    }

    /// The channel has changed.
    pub fn forget(&self, slug: &str) {
        self.answers.remove(slug);
    }

    fn remembered(&self, slug: &str) -> Option<bool> {
        let answer = self.answers.get(slug)?;
        (answer.1.elapsed() < HOLDS).then_some(answer.0)
    }
}
