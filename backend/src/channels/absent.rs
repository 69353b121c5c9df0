//! Names that no channel has, remembered for a few seconds: a page that stays open on a channel that is gone, or a
//! player that was given a wrong name, asks again and again, and must not cost a query each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sluice_domain::Slug;

/// How long a name stays absent. Another process may make the channel; ours tells us when it does.
const HOLDS: Duration = Duration::from_secs(3);
/// Names remembered, a megabyte at the most. Whoever asks for more different ones than that pays for no more memory.
const MOST: usize = 10_000;

/// Knows which names were looked for in vain; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Absent(Arc<Mutex<Names>>);

#[derive(Debug, Default)]
struct Names {
    seen: HashMap<Slug, Instant>,
    /// Grows with each channel that is made.
    made: u64,
}

/// The moment at which a search began.
#[derive(Clone, Copy, Debug)]
pub struct Search(u64);

impl Absent {
    /// Begins to look for a name; nothing where it was looked for in vain just now.
    pub fn search(&self, slug: &Slug) -> Option<Search> {
        let names = self.names();
        let is_absent = names.seen.get(slug).is_some_and(|seen| seen.elapsed() < HOLDS);
        (!is_absent).then_some(Search(names.made))
    }

    /// The search found nothing. Forgotten at once where a channel was made meanwhile: it may be this one.
    pub fn remember(&self, search: Search, slug: &Slug) {
        let mut names = self.names();
        if names.made != search.0 {
            return;
        }
        if names.seen.len() >= MOST {
            names.seen.clear();
        }
        names.seen.insert(slug.clone(), Instant::now());
    }

    /// A channel was made.
    pub fn forget(&self, slug: &str) {
        let mut names = self.names();
        names.made += 1;
        if let Ok(slug) = Slug::parse(slug) {
            names.seen.remove(&slug);
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        Slug::parse(text).unwrap()
    }

    #[test]
    fn a_name_looked_for_in_vain_is_not_looked_for_again_until_its_channel_is_made() {
        let absent = Absent::default();
        let search = absent.search(&slug("north")).unwrap();
        absent.remember(search, &slug("north"));
        assert!(absent.search(&slug("north")).is_none());
        assert!(absent.search(&slug("south")).is_some());
        absent.forget("north");
        assert!(absent.search(&slug("north")).is_some());
    }

    #[test]
    fn a_channel_made_during_the_search_is_found_by_the_next() {
        let absent = Absent::default();
        let search = absent.search(&slug("north")).unwrap();
        absent.forget("north");
        absent.remember(search, &slug("north"));
        assert!(absent.search(&slug("north")).is_some());
    }

    #[test]
    fn a_flood_of_names_does_not_grow_the_memory_without_end() {
        let absent = Absent::default();
        for n in 0..MOST + 100 {
            let name = slug(&format!("c{n}"));
            absent.remember(absent.search(&name).unwrap(), &name);
        }
        assert!(absent.names().seen.len() <= MOST);
    }
}
