//! Where clips are asked for by their ids, and who may change them.

use sluice_store::clips::Clip;

use crate::error::Error;
use crate::http::caller::Caller;
use crate::http::list::is_id;
use crate::state::AppState;

/// The clip with this id, for whoever knows it: as its channel, it is open to them.
pub async fn find(state: &AppState, id: &str) -> Result<Clip, Error> {
    if !is_id(id) {
        return Err(Error::NotFound);
    }
    state.store.clips().by_id(id).await?.ok_or(Error::NotFound)
}

/// The clip with this id, for those only who may change it.
pub(super) async fn managed(state: &AppState, caller: &Caller, id: &str) -> Result<Clip, Error> {
    let clip = find(state, id).await?;
    match manages(caller, &clip) {
        true => Ok(clip),
        false => Err(Error::Forbidden("This clip belongs to somebody else.".into())),
    }
}

/// Whether somebody may change a clip: its creator, its channel's owner, an administrator.
pub(super) fn manages(caller: &Caller, clip: &Clip) -> bool {
    caller.manages(&clip.owner_id) || clip.account_id.as_ref() == Some(&caller.account.id)
}
