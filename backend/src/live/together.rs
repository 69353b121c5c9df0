//! What is asked of the database at the same moment is asked in one trip.
//!
//! A trip costs the same however much it carries: a transaction, the way to another thread or machine and back. When
//! an event begins, or a network comes back, encoders come by the dozen. One that comes alone does not wait for others.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{sync::oneshot, task};

/// Taken on one trip: as many encoders as the media server's gateway asks for at the same moment, and few distinct
/// statements for a database to prepare.
const MOST: usize = 32;

/// Brings those together who ask the same. Cheap to clone.
pub(super) struct Together<Ask, Answer>(Arc<Inner<Ask, Answer>>);

struct Inner<Ask, Answer> {
    waiting: Mutex<Vec<(Ask, oneshot::Sender<Answer>)>>,
    /// One trip at a time: who comes meanwhile waits together for the next.
    turn: tokio::sync::Mutex<()>,
}

impl<Ask, Answer> Clone for Together<Ask, Answer> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Ask, Answer> Default for Together<Ask, Answer> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }))
    }
}

impl<Ask, Answer> Together<Ask, Answer>
where
    Ask: Send + 'static,
    Answer: Send + 'static,
{
    /// The answer to `ask`. `travel` takes what was asked and gives the answers in the same order; whoever comes first
    /// sends it out for all. A trip that was begun is made to its end, also when nobody waits for it any more. Nothing
    /// where it broke off, as when the process stops.
    pub(super) async fn ask<F>(&self, ask: Ask, travel: impl FnOnce(Vec<Ask>) -> F + Send + 'static) -> Option<Answer>
    where
        F: Future<Output = Vec<Answer>> + Send,
    {
        let (tell, told) = oneshot::channel();
        let is_first = {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push((ask, tell));
            waiting.len() % MOST == 1
        };
        if is_first {
            let inner = Arc::clone(&self.0);
            tokio::spawn(async move { inner.set_out(travel).await });
        }
        told.await.ok()
    }
}

impl<Ask, Answer> Inner<Ask, Answer> {
    async fn set_out<F>(&self, travel: impl FnOnce(Vec<Ask>) -> F)
    where
        F: Future<Output = Vec<Answer>>,
    {
        // Requests that have arrived already are read first.
        task::yield_now().await;
        let _turn = self.turn.lock().await;
        let (asks, tells): (Vec<_>, Vec<_>) = self.take().into_iter().unzip();
        // Boxed, as it is large and is moved several times on its way to where it is run.
        for (answer, tell) in Box::pin(travel(asks)).await.into_iter().zip(tells) {
            // Fails where nobody waits any more.
            let _ = tell.send(answer);
        }
    }

    fn take(&self) -> Vec<(Ask, oneshot::Sender<Answer>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let most = waiting.len().min(MOST);
        waiting.drain(..most).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use tokio::{task::JoinSet, time};

    use super::*;

    static NONE: AtomicUsize = AtomicUsize::new(0);

    /// Answers each number by its double and how many were asked with it.
    async fn double(asks: Vec<usize>, trips: &AtomicUsize) -> Vec<(usize, usize)> {
        trips.fetch_add(1, Ordering::Relaxed);
        time::sleep(Duration::from_millis(1)).await;
        let count = asks.len();
        asks.into_iter().map(|ask| (2 * ask, count)).collect()
    }

    #[tokio::test]
    async fn who_asks_at_the_same_moment_travels_together_and_gets_its_own_answer() {
        static TRIPS: AtomicUsize = AtomicUsize::new(0);
        let together = Together::default();
        let mut asked = JoinSet::new();
        for ask in 0..100 {
            let together = together.clone();
            asked.spawn(async move {
                let answer = together.ask(ask, |asks| double(asks, &TRIPS)).await;
                let (doubled, count) = answer.unwrap();
                assert_eq!(doubled, 2 * ask);
                assert!(count <= MOST);
            });
        }
        asked.join_all().await;
        assert_eq!(TRIPS.load(Ordering::Relaxed), 100_usize.div_ceil(MOST));
    }

    #[tokio::test]
    async fn who_comes_alone_travels_alone_each_time() {
        let together = Together::default();
        for ask in 0..3 {
            let answer = together.ask(ask, |asks| double(asks, &NONE)).await;
            assert_eq!(answer, Some((2 * ask, 1)));
        }
    }

    #[tokio::test]
    async fn a_trip_is_made_for_the_others_also_when_the_first_has_hung_up() {
        let together = Together::default();
        let first = tokio::spawn({
            let together = together.clone();
            async move { together.ask(1, |asks| double(asks, &NONE)).await }
        });
        let other = tokio::spawn({
            let together = together.clone();
            async move { together.ask(2, |asks| double(asks, &NONE)).await }
        });
        task::yield_now().await;
        first.abort();
        assert_eq!(other.await.unwrap(), Some((4, 2)));
    }

    #[tokio::test]
    async fn a_trip_that_breaks_off_answers_nobody_and_the_next_is_made() {
        let together: Together<usize, (usize, usize)> = Together::default();
        let broken = together.ask(1, |_| async { panic!("lost") }).await;
        assert_eq!(broken, None);
        assert!(together.ask(2, |asks| double(asks, &NONE)).await.is_some());
    }
}
