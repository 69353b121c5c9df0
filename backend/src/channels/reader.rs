//! Who reads of channels, and where they find things.

use std::collections::{HashMap, HashSet};

use actix_web::HttpRequest;
use sluice_domain::Millis;
use sluice_domain::access::{self, Viewer};
use sluice_store::channels::Channel;

use crate::clock;
use crate::error::Error;
use crate::http::address::Addresses;
use crate::http::caller::Caller;
use crate::state::AppState;
use crate::thumbnails::is_of_now;

/// The reader of an answer.
pub struct Reader<'a> {
    /// What is live, and who may rewind it.
    pub state: &'a AppState,
    /// Where they find things.
    pub addresses: Addresses,
    /// When they ask.
    pub now: Millis,
    caller: Option<&'a Caller>,
    is_program: bool,
    /// The ids of the channels that there is a picture of.
    pictured: HashSet<String>,
}

impl<'a> Reader<'a> {
    /// Whoever sent a request.
    pub fn of(state: &'a AppState, request: &HttpRequest, caller: Option<&'a Caller>) -> Self {
        Self {
            addresses: Addresses::of(request, &state.config),
            now: clock::now(),
            is_program: state.gate.is_program(request),
            pictured: HashSet::new(),
            caller,
            state,
        }
    }

    /// Looks which of these channels there is a picture of, so that they can be shown with it.
    pub async fn look_at(&mut self, channels: &[Channel]) -> Result<(), Error> {
        let live = channels.iter().filter_map(|channel| {
            let on_air = self.state.live.on_channel(&channel.id)?;
            Some((channel.id.as_str(), on_air.started_at))
        });
        let live: HashMap<&str, Millis> = live.collect();
        let ids: Vec<_> = live.keys().copied().collect();
        let found = self.state.store.thumbnails().live(&ids).await?;
        let of_now = found.into_iter().filter(|picture| {
            let since = live.get(picture.channel_id.as_str());
            since.is_some_and(|since| is_of_now(picture.taken_at, *since, self.now))
        });
        self.pictured.extend(of_now.map(|picture| picture.channel_id));
        Ok(())
    }

    /// Whether there was a picture of a channel when it was looked at.
    pub fn is_pictured(&self, channel: &Channel) -> bool {
        self.pictured.contains(&channel.id)
    }

    /// Whether they may see and change what is a channel's own.
    pub fn manages(&self, channel: &Channel) -> bool {
        self.caller.is_some_and(|caller| caller.manages(&channel.owner_id))
    }

    /// Whether they may cut clips from a channel.
    pub fn clips(&self, channel: &Channel) -> bool {
        access::clip(channel.clips, self.viewer(channel))
    }

    /// What they need in the path to rewind a channel: nothing, or a token. None where they may not.
    pub fn pass(&self, channel: &Channel) -> Option<Option<String>> {
        let viewer = self.viewer(channel);
        self.state.gate.pass(&channel.id, channel.rewind, viewer, self.now)
    }

    /// The same, for those who may.
    pub fn admitted(&self, channel: &Channel) -> Result<Option<String>, Error> {
        self.pass(channel).ok_or(Error::DvrNotAllowed)
    }

    fn viewer(&self, channel: &Channel) -> Viewer {
        match self.caller {
            _ if self.is_program => Viewer::Program,
            Some(caller) if caller.manages(&channel.owner_id) => Viewer::Manager,
            Some(_) => Viewer::SignedIn,
            None => Viewer::Anybody,
        }
    }
}
