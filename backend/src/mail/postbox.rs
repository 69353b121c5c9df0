//! Mail on its way: in the background, a few at a time, tried again when it fails.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, TryAcquireError};
use tokio::time::{sleep, timeout};

use super::{Mail, Mailer};

/// Mails that may wait or be on their way. More than that means a mail server that has been away for long.
const MOST: u32 = 500;
/// Connections to the mail server at a time.
const AT_A_TIME: usize = 4;
/// Waits before the second and the later tries: a hiccup, a restart, greylisting (RFC 6647, section 5).
const WAITS: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(30),
    Duration::from_secs(300),
    Duration::from_secs(900),
];

/// Takes mail and sees to it; cheap to clone.
#[derive(Clone)]
pub struct Postbox {
    mailer: Arc<dyn Mailer>,
    room: Arc<Semaphore>,
    couriers: Arc<Semaphore>,
    waits: &'static [Duration],
}

impl Postbox {
    /// A postbox that `mailer` empties.
    pub fn new(mailer: Box<dyn Mailer>) -> Self {
        let room = Arc::new(Semaphore::new(MOST as usize));
        let couriers = Arc::new(Semaphore::new(AT_A_TIME));
        Self {
            mailer: Arc::from(mailer),
            room,
            couriers,
            waits: &WAITS,
        }
    }

    /// Takes a mail and returns at once. What cannot be carried after several tries is logged and given up.
    pub fn send(&self, mail: Mail) {
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(place) => {
                let this = self.clone();
                tokio::spawn(async move {
                    this.see_to(&mail).await;
                    drop(place);
                });
            }
            Err(TryAcquireError::NoPermits) => {
                tracing::error!(subject = mail.subject, "mail given up: {MOST} others wait already");
            }
            Err(TryAcquireError::Closed) => {}
        }
    }

    /// Waits until all mail taken so far is carried or given up, but not longer than `patience`.
    pub async fn settle(&self, patience: Duration) {
        if timeout(patience, self.room.acquire_many(MOST)).await.is_err() {
            tracing::warn!("mail that was still on its way is lost");
        }
    }

    async fn see_to(&self, mail: &Mail) {
        let mut waits = self.waits.iter();
        loop {
            let Ok(_courier) = self.couriers.acquire().await else {
                return;
            };
            let Err(error) = self.mailer.carry(mail).await else {
                return;
            };
            drop(_courier);
            match waits.next() {
                Some(wait) => {
                    tracing::warn!(%error, subject = mail.subject, "mail not carried, trying again in {wait:?}");
                    sleep(*wait).await;
                }
                None => {
                    tracing::error!(%error, subject = mail.subject, "mail given up");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicU32, Ordering};

    use sluice_domain::Email;

    use super::super::Undelivered;
    use super::*;

    struct Failing {
        tries: Arc<AtomicU32>,
        succeeds_at: u32,
    }

    impl Mailer for Failing {
        fn carry<'a>(&'a self, _: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>> {
            let tries = self.tries.fetch_add(1, Ordering::SeqCst) + 1;
            Box::pin(async move {
                if tries == self.succeeds_at {
                    Ok(())
                } else {
                    Err(Undelivered("away".to_owned()))
                }
            })
        }
    }

    async fn tries_when_it_succeeds_at(succeeds_at: u32) -> u32 {
        let tries = Arc::new(AtomicU32::new(0));
        let mut postbox = Postbox::new(Box::new(Failing {
            tries: Arc::clone(&tries),
            succeeds_at,
        }));
        postbox.waits = &[Duration::ZERO; 4];
        postbox.send(Mail {
            to: Email::parse("ada@example.org").unwrap(),
            subject: "s",
            text: String::new(),
        });
        postbox.settle(Duration::from_secs(5)).await;
        tries.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn a_mail_that_fails_is_tried_again_until_it_is_carried() {
        assert_eq!(tries_when_it_succeeds_at(1).await, 1);
        assert_eq!(tries_when_it_succeeds_at(3).await, 3);
    }

    #[tokio::test]
    async fn a_mail_that_never_goes_is_given_up_after_five_tries() {
        assert_eq!(tries_when_it_succeeds_at(99).await, 5);
    }
}
