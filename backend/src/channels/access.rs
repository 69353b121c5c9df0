//! Who may see a channel, and who may change it.

use sluice_domain::Slug;
use sluice_store::channels::Channel;

use crate::error::Error;
use crate::http::caller::Caller;
use crate::state::AppState;

/// The channel with this slug, for whoever knows it: an unlisted channel is open to them too.
pub async fn visible(state: &AppState, slug: &str) -> Result<Channel, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    state
        .store
        .channels()
        .by_slug(slug.as_str())
        .await?
        .ok_or(Error::NotFound)
}

/// The channel with this slug, for its owner and administrators only.
pub async fn managed(state: &AppState, caller: &Caller, slug: &str) -> Result<Channel, Error> {
    let channel = visible(state, slug).await?;
    if caller.manages(&channel.owner_id) {
        Ok(channel)
    } else {
        Err(Error::Forbidden("This channel belongs to somebody else.".into()))
    }
}
