//! Keeps closed segments: from the archive's disk into the object store, off the disk when it fills, and out of both
//! when the rewind window has passed over them.
//!
//! Enter by [`Uploader::open`] or, with settings of one's own, [`Uploader::new`], and [`Uploader::run`]. What is to be
//! done stands in the index (`sluice_store::offload`), so that a killed uploader goes on where it was; nothing is
//! remembered here that would be missed. A segment leaves the disk only when the object store was seen to have it, and
//! is looked at once more at that moment.
//!
//! This worker alone removes segments. It refuses to know what they are listed in: whoever lists them goes by the
//! index and by `sluice_domain::retention`.

mod attempt;
mod evict;
mod expire;
mod gate;
mod remove;
mod report;
mod settings;
mod site;
mod stop;
mod upload;

use std::future::Future;
use std::sync::Arc;

use sluice_config::Config;
use sluice_kit::opened::{Opened, StartError};
use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;

pub use settings::Settings;

use site::Site;

/// A worker that is ready to run.
pub struct Uploader {
    site: Arc<Site>,
}

impl Uploader {
    /// Opens what the settings name: database, archive, object store.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let Opened {
            store,
            archive,
            objects,
        } = Opened::open(config).await?;
        Ok(Self::new(store, archive, objects, Settings::of(config)))
    }

    /// An uploader between an archive and an object store, by the index of a store.
    pub fn new(store: Store, archive: Archive, objects: ObjectStore, settings: Settings) -> Self {
        let site = Arc::new(Site::new(store, archive, objects, settings));
        Self { site }
    }

    /// Works until `shutdown` completes; then what is underway may end within a grace. What does not is done again by
    /// the next uploader.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (trigger, stop) = stop::channel();
        let site = &self.site;
        tracing::info!(
            store = site.objects.identity(),
            node = site.settings.node,
            "the uploader works"
        );
        let work = async {
            tokio::join!(
                upload::run(site, stop.clone()),
                evict::run(site, stop.clone()),
                expire::run(site, stop.clone()),
                report::run(site, stop.clone()),
                remove::run(site, stop.clone()),
            )
        };
        let told = async {
            shutdown.await;
            trigger.pull();
        };
        tokio::join!(work, told);
        tracing::info!("the uploader has stopped");
    }
}
