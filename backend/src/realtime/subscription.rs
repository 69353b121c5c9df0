//! What a socket listens to, and whether it may.

use sluice_domain::Slug;
use sluice_store::channels::{Audience, Channel, Filter};

use super::{Event, Notice};
use crate::clock;
use crate::error::Error;
use crate::http::caller::Caller;
use crate::http::time::rfc3339;
use crate::state::AppState;

/// Channels a socket may name: a page that shows more than this many shows a list, and listens to all.
const MOST_CHANNELS: usize = 50;
/// Shows named to a socket that listens to all, when it opens; the list has the rest.
const MOST_SHOWS: u32 = 100;

/// What one socket listens to.
pub(super) struct Subscription {
    /// Slugs; none means all public channels.
    channels: Vec<String>,
    caller: Option<Caller>,
}

impl Subscription {
    /// Reads the `channel` parameters of a query; every channel must be there.
    pub(super) async fn read(state: &AppState, query: &str, caller: Option<Caller>) -> Result<Self, Error> {
        let named = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "channel");
        let mut channels: Vec<String> = named
            .map(|(_, slug)| slug.into_owned())
            .take(MOST_CHANNELS + 1)
            .collect();
        if channels.len() > MOST_CHANNELS {
            return Err(Error::InvalidRequest("A socket listens to at most 50 channels.".into()));
        }
        channels.sort_unstable();
        channels.dedup();
        for slug in &channels {
            let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
            state
                .store
                .channels()
                .by_slug(slug.as_str())
                .await?
                .ok_or(Error::NotFound)?;
        }
        Ok(Self { channels, caller })
    }

    /// Whether the socket gets this notice.
    pub(super) async fn wants(&self, state: &AppState, notice: &Notice) -> bool {
        let named = self.channels.contains(&notice.channel);
        match (&notice.private_to, named) {
            (Some(owner_id), true) => self.manages(state, owner_id).await,
            (Some(_), false) => false,
            (None, true) => true,
            (None, false) => self.channels.is_empty() && state.visibility.is_listed(&notice.channel).await,
        }
    }

    /// How everything stands that the socket listens to.
    pub(super) async fn now(&self, state: &AppState) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        for channel in self.stored(state).await? {
            let on_air = state.live.on_air(&channel.id);
            let slug = channel.slug;
            events.push(Event::Live {
                channel: slug.clone(),
                live: on_air.is_some(),
                started_at: on_air.as_ref().map(|show| rfc3339(show.started_at)),
            });
            let viewers = on_air.map_or(0, |show| show.viewers);
            events.push(Event::Viewers { channel: slug, viewers });
        }
        Ok(events)
    }

    async fn stored(&self, state: &AppState) -> Result<Vec<Channel>, Error> {
        if self.channels.is_empty() {
            let (audience, live) = (Audience::Everyone, Some(true));
            let shows = Filter {
                audience,
                live,
                limit: MOST_SHOWS,
                ..Filter::default()
            };
            return Ok(state.store.channels().list(&shows).await?.items);
        }
        let mut channels = Vec::with_capacity(self.channels.len());
        for slug in &self.channels {
            channels.extend(state.store.channels().by_slug(slug).await?);
        }
        Ok(channels)
    }

    /// Whether the socket's caller may hear what is for this owner. Most may not, and that costs nothing: a hall full of
    /// viewers who are logged in must not ask the store for each of an encoder's reports. Of those who might, the store
    /// is asked each time, so that logging out, a suspension and a lost role work at once.
    async fn manages(&self, state: &AppState, owner_id: &str) -> bool {
        let Some(caller) = self.caller.as_ref().filter(|caller| caller.manages(owner_id)) else {
            return false;
        };
        let account = state.store.logins().account(&caller.login_id, clock::now()).await;
        let Ok(Some(account)) = account else {
            return false;
        };
        let login_id = caller.login_id.clone();
        let now = Caller { account, login_id };
        now.account.suspended_at.is_none() && now.manages(owner_id)
    }
}
