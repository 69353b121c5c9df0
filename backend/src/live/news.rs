//! The newest version of a playlist, and a place on each thread for the requests that wait for a newer one.
//!
//! A task that another thread wakes comes behind all that its own thread has at hand: of thousands that wait, those who
//! are answered first would ask again and be served before the others have their answer. So one task a thread hears
//! the news and passes it on: all who wait there are woken in one go, in the order in which they came, ahead of whatever
//! comes in meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::Duration,
};

use actix_web::rt;
use tokio::{sync::watch, time};

use crate::shutdown::Shutdown;

/// Who waits looks this often whether it has waited for long enough: cheaper than a timer for each, and as exact as the
/// target durations that patience is counted in.
const REMINDED_EVERY: Duration = Duration::from_secs(1);

/// The newest version, and who waits for the next.
#[derive(Debug)]
pub(super) struct News<T> {
    newest: watch::Sender<T>,
    halls: Arc<Halls<T>>,
}

/// Where requests wait, by the thread that answers them.
#[derive(Debug)]
struct Halls<T>(Mutex<HashMap<ThreadId, watch::Sender<T>>>);

impl<T: Default> Default for News<T> {
    fn default() -> Self {
        Self {
            newest: watch::Sender::default(),
            halls: Arc::new(Halls(Mutex::default())),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> News<T> {
    /// The version that was told last.
    pub(super) fn newest(&self) -> T {
        self.newest.borrow().clone()
    }

    /// Tells whoever waits that there is a newer one.
    pub(super) fn tell(&self, version: T) {
        self.newest.send_replace(version);
    }

    /// Hears of each version from now on, on a thread that answers requests; and of none for long, hears so, as a version
    /// told again. It ends when nothing more will be told, or the process is about to stop.
    pub(super) fn listen(&self, shutdown: &Shutdown) -> watch::Receiver<T> {
        let here = thread::current().id();
        let mut halls = self.halls.lock();
        if let Some(hall) = halls.get(&here) {
            // Whoever comes has seen the newest one, which may not have been passed on yet.
            hall.send_if_modified(|version| {
                *version = self.newest();
                false
            });
            return hall.subscribe();
        }
        let mut news = self.newest.subscribe();
        let hall = watch::Sender::new(news.borrow_and_update().clone());
        let listener = hall.subscribe();
        halls.insert(here, hall.clone());
        rt::spawn(pass_on(news, hall, Arc::clone(&self.halls), shutdown.clone()));
        listener
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.halls.lock().values().map(watch::Sender::receiver_count).sum()
    }
}

impl<T> Halls<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<ThreadId, watch::Sender<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes the news on to those who wait on this thread, for as long as there is somebody.
async fn pass_on<T: Clone>(
    mut news: watch::Receiver<T>,
    hall: watch::Sender<T>,
    halls: Arc<Halls<T>>,
    mut shutdown: Shutdown,
) {
    loop {
        let goes_on = tokio::select! {
            changed = news.changed() => changed.is_ok(),
            () = shutdown.wait() => false,
            () = time::sleep(REMINDED_EVERY) => true,
        };
        // Only this thread adds to those who wait here: nobody comes in between.
        if !goes_on || hall.receiver_count() == 0 {
            break;
        }
        hall.send_replace(news.borrow_and_update().clone());
    }
    halls.lock().remove(&thread::current().id());
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;
    use crate::shutdown;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[actix_web::test]
    async fn all_who_wait_are_told_and_the_hall_is_closed_when_they_are_gone() {
        let (_trigger, ear) = shutdown::channel();
        let news = News::<u64>::default();
        let mut listeners: Vec<_> = (0..3).map(|_| news.listen(&ear)).collect();
        assert_eq!(news.waiting(), 3);
        for version in 1..=2 {
            news.tell(version);
            for listener in &mut listeners {
                let told = timeout(PATIENCE, listener.wait_for(|told| *told == version)).await;
                assert!(told.is_ok_and(|told| told.is_ok()));
            }
        }
        for listener in &mut listeners {
            let reminded = timeout(PATIENCE, listener.changed()).await;
            assert!(reminded.is_ok_and(|told| told.is_ok()));
        }
        drop(listeners);
        news.tell(3);
        while !news.halls.lock().is_empty() {
            rt::task::yield_now().await;
        }
        assert_eq!((news.newest(), news.waiting()), (3, 0));
    }

    #[actix_web::test]
    async fn nobody_waits_for_what_is_told_no_more() {
        let (trigger, ear) = shutdown::channel();
        let (gone, stays) = (News::<u64>::default(), News::<u64>::default());
        let mut listeners = [gone.listen(&ear), stays.listen(&ear)];
        drop(gone);
        let [of_gone, of_stays] = &mut listeners;
        assert!(
            timeout(PATIENCE, of_gone.changed())
                .await
                .is_ok_and(|told| told.is_err())
        );
        trigger.pull();
        assert!(
            timeout(PATIENCE, of_stays.changed())
                .await
                .is_ok_and(|told| told.is_err())
        );
    }
}
