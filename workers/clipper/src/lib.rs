//! Makes clips: from a stretch of recorded segments to an MP4 and a poster in the object store.
//!
//! Enter by [`Clipper::open`] or, with settings of one's own, [`Clipper::new`], and [`Clipper::run`]. What is to be made
//! stands in the index, as a clip and its job; whoever holds the job's lease makes it, and says how it goes
//! (`sluice_store::clipping`). A killed clipper's job is another's when its lease is over, and begins anew; what it left on
//! disk goes at the next start.
//!
//! How a clip is cut is `sluice_media::cut`'s to know; who may have one, and how it is served, the backend's.

mod clip;
mod edge;
mod gather;
mod keep;
mod make;
mod orphans;
mod remove;
mod scratch;
mod settings;
mod site;
mod trouble;

use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use sluice_config::Config;
use sluice_kit::opened::{Opened, StartError};
use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;

pub use settings::{Settings, encoder};

use site::Site;

/// A worker that is ready to run.
pub struct Clipper {
    site: Arc<Site>,
}

impl Clipper {
    /// Opens what the settings name: database, archive, object store.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let Opened {
            store,
            archive,
            objects,
        } = Opened::open(config).await?;
        Ok(Self::new(store, archive, objects, Settings::of(config)))
    }

    /// A clipper that cuts from an archive and an object store, by the index of a store.
    pub fn new(store: Store, archive: Archive, objects: ObjectStore, settings: Settings) -> Self {
        let site = Arc::new(Site::new(store, archive, objects, settings));
        Self { site }
    }

    /// Works until `shutdown` completes; then what is underway may end within a grace. What does not is handed back.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let site = &self.site;
        scratch::sweep(&site.settings.scratch);
        tracing::info!(store = site.objects.identity(), "the clipper works");
        let stop = shutdown.shared();
        let lanes = (0..site.settings.lanes()).map(|_| clip::run(site, stop.clone()));
        tokio::join!(
            join_all(lanes),
            remove::run(site, stop.clone()),
            orphans::run(site, stop.clone())
        );
        tracing::info!("the clipper has stopped");
    }
}
