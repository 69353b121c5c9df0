//! Brings a clip's segments within reach: as they lie in the archive, or out of the object store.

use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use sluice_domain::clip::Reason;
use sluice_kit::backoff;
use sluice_media::Source;
use sluice_objects::{Fault, Key};
use sluice_store::recordings::Piece;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::site::Site;
use crate::trouble::Trouble;

/// Fetched at the same time: enough to hide a distant bucket's answers.
const TOGETHER: usize = 6;
/// How often the object store is asked for a segment.
const ATTEMPTS: i64 = 3;

/// The segments as sources of a clip, in their order. What is fetched, or held against eviction, is in `scratch`.
pub(crate) async fn gather(site: &Site, slug: &str, pieces: &[Piece], scratch: &Path) -> Result<Vec<Source>, Trouble> {
    let held = |number: usize| scratch.join(format!("segment-{number}.ts"));
    let sources = pieces.iter().enumerate();
    let sources: Vec<_> = sources
        .map(|(number, piece)| source(site, slug, piece, held(number)))
        .collect();
    stream::iter(sources).buffered(TOGETHER).try_collect().await
}

async fn source(site: &Site, slug: &str, piece: &Piece, held: PathBuf) -> Result<Source, Trouble> {
    Ok(Source {
        path: within_reach(site, slug, piece, held).await?,
        started_at: piece.started_at,
        duration_us: piece.duration_us,
        discontinuity: piece.discontinuity,
    })
}

async fn within_reach(site: &Site, slug: &str, piece: &Piece, held: PathBuf) -> Result<PathBuf, Trouble> {
    let key = Key::segment(slug, &piece.name)?;
    let archived = site.archive.path(slug, &piece.name)?;
    for there in [Some(archived), site.objects.file(&key)].into_iter().flatten() {
        // By a link of its own: it may leave the archive meanwhile. On another disk it is taken as it lies.
        if tokio::fs::hard_link(&there, &held).await.is_ok() {
            return Ok(held);
        }
        if tokio::fs::try_exists(&there).await.unwrap_or(false) {
            return Ok(there);
        }
    }
    fetch(site, &key, &held).await?;
    Ok(held)
}

/// Fetches an object into a file, more than once if need be.
async fn fetch(site: &Site, key: &Key, path: &Path) -> Result<(), Trouble> {
    let mut attempt = 1;
    loop {
        let limit = site.settings.storage_limit;
        let fetched = timeout(limit, download(site, key, path)).await;
        let trouble = match fetched {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(Failed::Here(trouble))) => return Err(trouble),
            Ok(Err(Failed::There(fault))) if !fault.kind.is_transient() => return Err(fault.into()),
            Ok(Err(Failed::There(fault))) => fault.into(),
            Err(_) => Trouble::Failed(
                Reason::StorageUnavailable,
                format!("{key} did not come within {limit:?}"),
            ),
        };
        if attempt == ATTEMPTS {
            return Err(trouble);
        }
        sleep(backoff::doubled(site.settings.storage_wait, attempt, limit)).await;
        attempt += 1;
    }
}

/// Which side a fetch failed on.
enum Failed {
    Here(Trouble),
    There(Fault),
}

async fn download(site: &Site, key: &Key, path: &Path) -> Result<(), Failed> {
    let here = |error| Failed::Here(Trouble::io(&error, "keeping a segment for a clip"));
    let mut object = site.objects.get(key, None).await.map_err(Failed::There)?;
    let mut file = File::create(path).await.map_err(here)?;
    while let Some(bytes) = object.next().await.map_err(Failed::There)? {
        file.write_all(&bytes).await.map_err(here)?;
    }
    file.flush().await.map_err(here)
}
