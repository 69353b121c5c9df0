//! The tasks that keep the live side true: reconciling with the media server, closing shows, counting viewers.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sluice_domain::Millis;
use tokio::time;

use super::{
    Live,
    channel::Channel,
    health,
    reconcile::{self, Action, Memory, Round},
};
use crate::{clock, error::chain, media_server::stat::Stream, realtime::Event};

/// An encoder that comes back within this time goes on with the show; after it the playlist is closed. OBS tries again
/// after 2 s, then at growing distances: this covers its first four tries.
pub(super) const SHOW_GAP: Millis = Millis::from_secs(30);
/// How often it is looked whether a show is over.
const SHOWS_EVERY: Duration = Duration::from_secs(1);
/// How often the number of viewers is told to browsers.
const VIEWERS_EVERY: Duration = Duration::from_secs(5);
/// Rounds of the reconciler between two writes of a session's health.
const ROUNDS_PER_RECORD: u64 = 5;

/// Holds sessions against the media server's statistics, for ever.
pub(super) async fn reconcile(live: Live) {
    let mut memory = Memory::default();
    let mut observed = HashMap::new();
    let mut ticks = time::interval(Duration::from_millis(reconcile::EVERY.0.unsigned_abs()));
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    for round in 0_u64.. {
        ticks.tick().await;
        let asked_at = clock::now();
        let snapshot = match live.inner.media_server.stat().await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                tracing::debug!(%error, "the media server is not reconciled");
                continue;
            }
        };
        let now = clock::now();
        let sessions = live.inner.sessions.all();
        for action in reconcile::judge(&snapshot, &sessions, &mut memory, Round { asked_at, now }) {
            live.act(action, &mut observed, now).await;
        }
        observed.retain(|session, _| live.inner.sessions.get(session).is_some());
        if round % ROUNDS_PER_RECORD == 0 {
            live.record_health().await;
        }
    }
}

/// Closes the playlists of shows that are over.
pub(super) async fn close_shows(live: Live) {
    let mut ticks = time::interval(SHOWS_EVERY);
    loop {
        ticks.tick().await;
        let now = clock::now();
        let channels: Vec<Arc<Channel>> = live.inner.channels.iter().map(|entry| Arc::clone(&entry)).collect();
        for channel in channels {
            channel.sweep_parts(now);
            if live.on_channel(&channel.id).is_none() {
                channel.end_show_if_silent(now, SHOW_GAP);
            }
        }
    }
}

/// Tells browsers how many watch, when that changes.
pub(super) async fn count_viewers(live: Live) {
    let mut told: HashMap<String, u32> = HashMap::new();
    let mut ticks = time::interval(VIEWERS_EVERY);
    loop {
        ticks.tick().await;
        let now = clock::now();
        let counts: Vec<(String, u32)> = live
            .inner
            .channels
            .iter()
            .map(|channel| (channel.slug.to_string(), channel.viewers.count(now)))
            .collect();
        for (channel, viewers) in counts {
            if told.insert(channel.clone(), viewers).unwrap_or(0) != viewers {
                live.inner.bus.publish(&Event::Viewers { channel, viewers });
            }
        }
        told.retain(|_, viewers| *viewers > 0);
    }
}

impl Live {
    async fn act(&self, action: Action, observed: &mut HashMap<String, Millis>, now: Millis) {
        match action {
            Action::Observe { session, stream } => self.observe(&session, &stream, observed, now),
            Action::End { session, reason } => {
                self.end_session(&session, reason).await;
            }
            Action::Drop { name, client_id } => {
                tracing::warn!(
                    session = name,
                    client_id,
                    "a publisher that no session knows is disconnected"
                );
                self.disconnect(&name, client_id).await;
            }
        }
    }

    fn observe(&self, id: &str, stream: &Stream, observed: &mut HashMap<String, Millis>, now: Millis) {
        let elapsed = observed
            .insert(id.to_owned(), now)
            .map_or(reconcile::EVERY, |before| now.since(before));
        self.inner
            .sessions
            .change(id, |session| health::observe(session, stream, now, elapsed));
        if let Some(session) = self.session(id) {
            self.inner.bus.publish(&Event::Ingest {
                channel: session.channel.slug.to_string(),
                owner_id: session.channel.owner_id.clone(),
                session: Box::new(health::view(&session)),
            });
        }
    }

    async fn record_health(&self) {
        for session in self.inner.sessions.all() {
            let recorded = self
                .store()
                .publish_sessions()
                .set_health(&session.id, &health::row(&session))
                .await;
            if let Err(error) = recorded {
                tracing::warn!(error = %chain(&error), session = session.id, "a session's health is not recorded");
                return;
            }
        }
    }
}
