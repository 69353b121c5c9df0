//! One open socket: news out, pings out, pongs in, until one side has had enough.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, ProtocolError, Session};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::Notice;
use super::subscription::Subscription;
use crate::state::AppState;

/// How often a client is pinged: more often than proxies and routers forget a connection, which some do after 30 s.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A client that has said nothing for this long, two pings and a bit, is gone.
const SILENCE: Duration = Duration::from_secs(50);
/// A client that takes nothing for this long is dropped; it reads the state anew when it comes back.
const PATIENCE: Duration = Duration::from_secs(10);

/// A socket and what it is fed with.
pub(super) struct Feed {
    pub(super) state: AppState,
    pub(super) subscription: Subscription,
    pub(super) session: Session,
    pub(super) notices: Receiver<Arc<Notice>>,
}

/// Why a socket is closed from our side.
enum End {
    /// The client went, or broke the protocol, or does not answer.
    Gone,
    /// The client is too slow, or the state could not be read: it should come back and begin anew.
    Again,
    /// The process stops.
    Away,
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

impl Feed {
    pub(super) async fn run(mut self, messages: MessageStream) {
        let end = match self.greet().await {
            Ok(()) => self.talk(messages).await,
            Err(end) => end,
        };
        let code = match end {
            End::Gone => CloseCode::Normal,
            End::Again => CloseCode::Again,
            End::Away => CloseCode::Away,
        };
        let _ = timeout(
            PATIENCE,
            self.session.close(Some(CloseReason {
                code,
                description: None,
            })),
        )
        .await;
    }

    /// Tells how everything stands.
    async fn greet(&mut self) -> Result<(), End> {
        let texts = self.subscription.now(&self.state).await.map_err(|error| {
            error.log();
            End::Again
        })?;
        for text in texts {
            self.send(text).await?;
        }
        Ok(())
    }

    async fn talk(&mut self, mut messages: MessageStream) -> End {
        let mut shutdown = self.state.shutdown.clone();
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            let step = tokio::select! {
                notice = self.notices.recv() => self.deliver(notice).await,
                message = messages.recv() => {
                    heard = Instant::now();
                    self.hear(message).await
                }
                _ = pings.tick() => self.ping(heard).await,
                () = shutdown.wait() => Err(End::Away),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn deliver(&mut self, notice: Result<Arc<Notice>, RecvError>) -> Result<(), End> {
        let notice = match notice {
            Ok(notice) => notice,
            Err(RecvError::Lagged(_)) => return Err(End::Again),
            Err(RecvError::Closed) => return Err(End::Away),
        };
        if let Some(text) = self.subscription.text(&self.state, &notice).await {
            self.send(text).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, message: Option<Result<Message, ProtocolError>>) -> Result<(), End> {
        match message {
            None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Gone),
            Some(Ok(Message::Ping(bytes))) => within_patience(self.session.pong(&bytes)).await,
            Some(Ok(_)) => Ok(()),
        }
    }

    async fn ping(&mut self, heard: Instant) -> Result<(), End> {
        if heard.elapsed() > SILENCE {
            return Err(End::Gone);
        }
        within_patience(self.session.ping(b"")).await
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        within_patience(self.session.text(text)).await
    }
}

/// What is sent waits for a client that takes nothing, but not for ever.
async fn within_patience(sent: impl Future<Output = Result<(), Closed>>) -> Result<(), End> {
    Ok(timeout(PATIENCE, sent).await.map_err(|_| End::Again)??)
}
