//! Puts pictures into the object store.

use std::path::Path;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_objects::{Key, Thumbnail};
use sluice_store::thumbnailing::At;
use tokio::time::timeout;

use crate::site::Site;
use crate::trouble::Trouble;

/// How long a picture may take from being put to being shown: much more than it does. Then it is waste.
const ABOUT_TO_BE_SHOWN: Millis = Millis::from_secs(600);

/// Puts a picture of a moment under a name of its own, and returns its object: in the store, and waste until it is shown.
pub(crate) async fn put(
    site: &Site,
    slug: &str,
    what: Thumbnail,
    moment: Millis,
    file: &Path,
) -> Result<String, Trouble> {
    let name = Thumbnail::name(moment, rand::random())?;
    let key = Key::thumbnail(slug, what, &name)?;
    let due = clock::now().plus(ABOUT_TO_BE_SHOWN);
    site.store.thumbnails().reserve(key.as_str(), due).await?;
    match timeout(site.settings.storage_limit, site.objects.put(&key, file)).await {
        Ok(put) => {
            put?;
            Ok(key.as_str().to_owned())
        }
        Err(_) => Err(Trouble::Silence),
    }
}

/// Now, and when what is replaced now may go.
pub(crate) fn at(site: &Site) -> At {
    let now = clock::now();
    At {
        now,
        due: now.plus(site.settings.grace),
    }
}
