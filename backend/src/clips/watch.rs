//! Follows clips that are being made, for open pages: the workers write into the database, and somebody has to look.
//!
//! Only clips that a page listens to are looked at, and only while they are in the making, or once more when they may be
//! gone; where there is none, nothing is asked.

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
use crate::realtime::Gone;
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
    /// Something has happened since that it may not have outlived.
    is_doubted: bool,
}

/// How a clip stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// State and thousandths.
    There(State, i64),
    Gone,
}

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

    /// Clips may have gone with what they belonged to: all are looked at once more.
    pub fn doubt_all(&self) {
        for followed in self.followed().values_mut() {
            followed.is_doubted = true;
        }
        self.0.woken.notify_one();
    }

    /// A clip is not there any more. Whether that is news to somebody.
    pub fn gone(&self, id: &str) -> bool {
        self.sees(id, Seen::Gone)
    }

    /// Those that are to be looked at: in the making, as far as is known, or in doubt.
    fn open(&self) -> Vec<String> {
        let followed = self.followed();
        let open = followed.iter().filter(|(_, followed)| followed.is_open());
        open.map(|(id, _)| id.clone()).collect()
    }

    /// Whether a clip that somebody listens to stands otherwise than when it was last looked at.
    fn sees(&self, id: &str, now: Seen) -> bool {
        self.followed().get_mut(id).is_some_and(|followed| {
            followed.is_doubted = false;
            followed.seen.replace(now) != Some(now)
        })
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<String, Followed>> {
        self.0.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Followed {
    fn is_open(&self) -> bool {
        match self.seen {
            None => true,
            Some(Seen::There(state, _)) => self.is_doubted || state.is_in_flight(),
            Some(Seen::Gone) => false,
        }
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
        let open = state.clip_watch.open();
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
    let watch = &state.clip_watch;
    for clip in found {
        if watch.sees(&clip.id, Seen::There(clip.state, clip.progress)) {
            state.bus.publish_clip(clip);
        }
    }
    let is_gone = |id: &&String| !found.iter().any(|clip| clip.id == **id);
    for id in asked.iter().filter(is_gone).filter(|id| watch.gone(id)) {
        state.bus.publish_clip_gone(Gone {
            channel: None,
            id: id.clone(),
        });
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
        assert_eq!(watch.open().len(), 2);
        drop(first);
        assert_eq!(watch.open(), ["a"]);
        watch.sees("a", Seen::There(State::Ready, 1000));
        assert!(watch.open().is_empty());
        watch.follow_again("a");
        assert_eq!(watch.open(), ["a"]);
        drop(second);
        assert!(watch.followed().is_empty());
    }

    #[test]
    fn a_clip_that_may_be_gone_is_looked_at_once_more_and_its_end_is_told_once() {
        let watch = Watch::default();
        let _listening = watch.listen(&["a".to_owned()]);
        let ready = Seen::There(State::Ready, 1000);
        watch.sees("a", ready);
        watch.doubt_all();
        assert_eq!(watch.open(), ["a"]);
        assert!(!watch.sees("a", ready), "it is as it was");
        assert!(watch.open().is_empty());
        watch.doubt_all();
        assert!(watch.gone("a"));
        assert!(!watch.gone("a"));
        assert!(!watch.gone("b"), "nobody listens");
        watch.doubt_all();
        assert!(watch.open().is_empty());
    }
}
