//! A clip's objects: put when it is made, removed when there is no clip.

use std::path::Path;

use sluice_domain::clip::Reason;
use sluice_objects::{ClipPart, Error, Key};
use sluice_store::clips::Order;
use tokio::time::timeout;

use crate::site::Site;
use crate::trouble::Trouble;

/// What a clip's objects are called.
pub(crate) fn keys(order: &Order) -> Result<Vec<Key>, Error> {
    let key = |part: &ClipPart| Key::clip(&order.slug, order.start_at, &order.clip, *part);
    ClipPart::ALL.iter().map(key).collect()
}

/// Puts one of a clip's files into the object store; seen to be there, or an error.
pub(crate) async fn put(site: &Site, order: &Order, part: ClipPart, file: &Path) -> Result<(), Trouble> {
    let key = Key::clip(&order.slug, order.start_at, &order.clip, part)?;
    let limit = site.settings.storage_limit;
    match timeout(limit, site.objects.put(&key, file)).await {
        Ok(put) => Ok(put.map(|_digest| ())?),
        Err(_) => Err(Trouble::Failed(
            Reason::StorageUnavailable,
            format!("{key} was not taken within {limit:?}"),
        )),
    }
}

/// Removes what there may be of a clip that is none. What stays is nobody's, and replaced when somebody tries again.
pub(crate) async fn discard(site: &Site, order: &Order) {
    let Ok(keys) = keys(order) else { return };
    let removed = timeout(site.settings.storage_limit, site.objects.delete(&keys)).await;
    if !matches!(removed, Ok(Ok(()))) {
        tracing::warn!(clip = order.clip, "objects of a clip that was not made may be left");
    }
}
