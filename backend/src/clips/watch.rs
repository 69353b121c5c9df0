//! Follows clips that are being made, for open pages: the workers write into the database, and somebody has to look.
//!
//! Only clips that a page listens to are looked at, and only while they are in the making; where there is none, nothing
//! is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use sluice_domain::clip::State;
use sluice_store::clips;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::clip::Clip;
use crate::error::chain;
use crate::state::AppState;

/// How often the table is looked at: a bar that moves three times a second looks smooth.
const EVERY: Duration = Duration::from_millis(300);

/// Knows which clips are listened to; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    followed: Mutex<HashMap<String, Followed>>,
    woken: Notify,
}

/// A clip that somebody listens to.
#[derive(Debug, Default)]
struct Followed {
    listeners: usize,
    /// How it stood when it was last looked at.
    seen: Option<Seen>,
}

/// State and thousandths.
type Seen = (State, i64);

/// Somebody listens to these clips until it is dropped.
#[derive(Debug)]
pub struct Listening {
    watch: Watch,
    ids: Vec<String>,
}

/// News of a clip, in the shape that clients read.
#[derive(Serialize)]
#[serde(tag = "type", rename = "clip")]
pub struct News {
    clip: Clip,
}

impl News {
    /// The news as JSON text.
    pub fn text(clip: Clip) -> serde_json::Result<String> {
        serde_json::to_string(&Self { clip })
    }
}

impl Watch {
    /// Listens to clips from now on.
    pub fn listen(&self, ids: &[String]) -> Listening {
        let mut followed = self.followed();
        for id in ids {
            followed.entry(id.clone()).or_default().listeners += 1;
        }
        drop(followed);
        self.0.woken.notify_one();
        Listening {
            watch: self.clone(),
            ids: ids.to_vec(),
        }
    }

    /// A clip that was over is in the making again.
    pub fn follow_again(&self, id: &str) {
        if let Some(followed) = self.followed().get_mut(id) {
            followed.seen = None;
        }
        self.0.woken.notify_one();
    }

    /// Those that are in the making, as far as is known.
    fn in_the_making(&self) -> Vec<String> {
        let followed = self.followed();
        let is_open = |followed: &Followed| followed.seen.is_none_or(|(state, _)| state.is_in_flight());
        let open = followed.iter().filter(|(_, followed)| is_open(followed));
        open.map(|(id, _)| id.clone()).collect()
    }

    /// Whether a clip stands otherwise than when it was last looked at.
    fn is_news(&self, clip: &clips::Clip) -> bool {
        let now = (clip.state, clip.progress);
        let mut followed = self.followed();
        let before = followed.get_mut(&clip.id).map(|followed| followed.seen.replace(now));
        before.is_some_and(|seen| seen != Some(now))
    }

    /// A clip that is not there any more has no news.
    fn forget(&self, id: &str) {
        if let Some(followed) = self.followed().get_mut(id) {
            followed.seen = Some((State::Failed, 0));
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<String, Followed>> {
        self.0.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut followed = self.watch.followed();
        for id in &self.ids {
            let is_last = followed.get_mut(id).is_none_or(|followed| {
                followed.listeners = followed.listeners.saturating_sub(1);
                followed.listeners == 0
            });
            if is_last {
                followed.remove(id);
            }
        }
    }
}

/// Looks until it is aborted.
pub async fn run(state: AppState) {
    loop {
        let open = state.clip_watch.in_the_making();
        if open.is_empty() {
            state.clip_watch.0.woken.notified().await;
            continue;
        }
        match state.store.clips().by_ids(&open).await {
            Ok(found) => tell(&state, &open, &found),
            Err(error) => tracing::debug!(error = %chain(&error), "clips could not be looked at"),
        }
        sleep(EVERY).await;
    }
}

fn tell(state: &AppState, asked: &[String], found: &[clips::Clip]) {
    for clip in found.iter().filter(|clip| state.clip_watch.is_news(clip)) {
        state.bus.publish_clip(clip);
    }
    let is_gone = |id: &&String| !found.iter().any(|clip| clip.id == **id);
    for id in asked.iter().filter(is_gone) {
        state.clip_watch.forget(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_looked_at_while_somebody_listens_and_it_is_in_the_making() {
        let watch = Watch::default();
        let ids = ["a".to_owned(), "b".to_owned()];
        let first = watch.listen(&ids);
        let second = watch.listen(&ids[..1]);
        assert_eq!(watch.in_the_making().len(), 2);
        drop(first);
        assert_eq!(watch.in_the_making(), ["a"]);
        watch.forget("a");
        assert!(watch.in_the_making().is_empty());
        watch.follow_again("a");
        assert_eq!(watch.in_the_making(), ["a"]);
        drop(second);
        assert!(watch.followed().is_empty());
    }
}
