//! What a socket listens to, and whether it may.

use actix_web::HttpRequest;
use sluice_domain::Slug;
use sluice_store::channels::{Audience, Channel, Filter};
use sluice_store::clips;

use super::{Event, Gone, Notice, Rendered};
use crate::clips::clip::Clip;
use crate::clips::watch::{Listening, News};
use crate::clock;
use crate::error::Error;
use crate::http::address::Addresses;
use crate::http::caller::Caller;
use crate::http::list::is_id;
use crate::http::time::rfc3339;
use crate::state::AppState;

/// Channels a socket may name: a page that shows more than this many shows a list, and listens to all.
const MOST_CHANNELS: usize = 50;
/// Shows named to a socket that listens to all, when it opens; the list has the rest.
const MOST_SHOWS: u32 = 100;

/// Clips a socket may name: as many as a page shows at a time.
const MOST_CLIPS: usize = 50;

/// What one socket listens to.
pub(super) struct Subscription {
    /// Slugs; none, of clips either, means all public channels.
    channels: Vec<String>,
    /// Ids.
    clips: Vec<String>,
    /// Has somebody look at those clips.
    _listening: Listening,
    addresses: Addresses,
    caller: Option<Caller>,
}

impl Subscription {
    /// Reads the `channel` and `clip` parameters of a request. Every channel must be there. A clip that was deleted while
    /// its page was cut off is not: then that is the news.
    pub(super) async fn read(state: &AppState, request: &HttpRequest, caller: Option<Caller>) -> Result<Self, Error> {
        let query = request.query_string();
        let channels = named(query, "channel", MOST_CHANNELS)
            .ok_or_else(|| Error::InvalidRequest("A socket listens to at most 50 channels.".into()))?;
        let clips = named(query, "clip", MOST_CLIPS)
            .ok_or_else(|| Error::InvalidRequest("A socket listens to at most 50 clips.".into()))?;
        for slug in &channels {
            let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
            state
                .store
                .channels()
                .by_slug(slug.as_str())
                .await?
                .ok_or(Error::NotFound)?;
        }
        if !clips.iter().all(|id| is_id(id)) {
            return Err(Error::NotFound);
        }
        Ok(Self {
            _listening: state.clip_watch.listen(&clips),
            addresses: Addresses::of(request, &state.config),
            channels,
            clips,
            caller,
        })
    }

    /// What the socket is told of this notice, if it gets it.
    pub(super) async fn text(&self, state: &AppState, notice: &Notice) -> Option<String> {
        match notice {
            Notice::Channel(event) => self.wants(state, event).await.then(|| event.text.clone()),
            Notice::Clip(clip) if self.clips.contains(&clip.id) => self.clip(clip.as_ref().clone()).ok(),
            Notice::ClipGone(gone) if self.hears_of(gone) => serde_json::to_string(gone).ok(),
            Notice::Clip(_) | Notice::ClipGone(_) => None,
        }
    }

    /// How everything stands that the socket listens to.
    pub(super) async fn now(&self, state: &AppState) -> Result<Vec<String>, Error> {
        let mut texts = Vec::new();
        for channel in self.stored(state).await? {
            let on_air = state.live.on_air(&channel.id);
            let slug = channel.slug;
            let live = Event::Live {
                channel: slug.clone(),
                live: on_air.is_some(),
                started_at: on_air.as_ref().map(|show| rfc3339(show.started_at)),
            };
            let viewers = Event::Viewers {
                channel: slug,
                viewers: on_air.map_or(0, |show| show.viewers),
            };
            for event in [live, viewers] {
                texts.push(serde_json::to_string(&event).map_err(Error::internal)?);
            }
        }
        let clips = state.store.clips().by_ids(&self.clips).await?;
        let is_gone = |id: &&String| !clips.iter().any(|clip| clip.id == **id);
        for id in self.clips.iter().filter(is_gone) {
            let (id, channel) = (id.clone(), None);
            texts.push(serde_json::to_string(&Gone { channel, id }).map_err(Error::internal)?);
        }
        for clip in clips {
            texts.push(self.clip(clip).map_err(Error::internal)?);
        }
        Ok(texts)
    }

    /// Whether the socket is told that a clip is gone: whoever shows the channel may show it in a list.
    fn hears_of(&self, gone: &Gone) -> bool {
        let channel = gone.channel.as_ref();
        self.clips.contains(&gone.id) || channel.is_some_and(|channel| self.channels.contains(channel))
    }

    /// Whether the socket gets news of a channel.
    async fn wants(&self, state: &AppState, event: &Rendered) -> bool {
        let named = self.channels.contains(&event.channel);
        match (&event.private_to, named) {
            (Some(owner_id), true) => self.manages(state, owner_id).await,
            (Some(_), false) => false,
            (None, true) => true,
            (None, false) => self.listens_to_all() && state.visibility.is_listed(&event.channel).await,
        }
    }

    fn listens_to_all(&self) -> bool {
        self.channels.is_empty() && self.clips.is_empty()
    }

    fn clip(&self, clip: clips::Clip) -> serde_json::Result<String> {
        News::text(Clip::of(clip, &self.addresses, self.caller.as_ref()))
    }

    async fn stored(&self, state: &AppState) -> Result<Vec<Channel>, Error> {
        if self.listens_to_all() {
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

/// The values of a query's parameter, each once; nothing where there are more than `most`.
fn named(query: &str, parameter: &str, most: usize) -> Option<Vec<String>> {
    let named = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == parameter);
    let mut values: Vec<String> = named.map(|(_, value)| value.into_owned()).take(most + 1).collect();
    if values.len() > most {
        return None;
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}
