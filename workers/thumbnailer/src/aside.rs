//! What could not be made, and is not tried again for a while: others are not kept waiting by it.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Instant;

use sluice_kit::backoff;

use crate::Settings;

/// Things put aside, each for longer with each time that it could not be made.
pub(crate) struct Aside<Id> {
    items: HashMap<Id, Item>,
}

struct Item {
    failures: i64,
    until: Instant,
}

impl<Id> Default for Aside<Id> {
    fn default() -> Self {
        Self { items: HashMap::new() }
    }
}

impl<Id: Eq + Hash> Aside<Id> {
    /// Whether it is not to be tried now.
    pub(crate) fn holds(&self, id: &Id) -> bool {
        self.items.get(id).is_some_and(|item| item.until > Instant::now())
    }

    /// At least as many as it holds.
    pub(crate) fn bound(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }

    /// It could not be made.
    pub(crate) fn put(&mut self, id: Id, settings: &Settings) {
        let (first, longest) = (settings.retry_first, settings.aside_longest);
        let now = Instant::now();
        // What was not tried again for so long is gone, or was made by another.
        self.items.retain(|_, item| item.until + 2 * longest > now);
        let item = self.items.entry(id).or_insert(Item {
            failures: 0,
            until: now,
        });
        item.failures += 1;
        item.until = now + backoff::jittered(backoff::doubled(first, item.failures, longest));
    }

    /// It was made.
    pub(crate) fn made(&mut self, id: &Id) {
        self.items.remove(id);
    }
}
