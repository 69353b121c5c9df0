//! Makes pictures of what is sent and of what was: of each channel that is live, of each show, and of each ten seconds that
//! can be rewound to.
//!
//! Enter by [`Thumbnailer::open`] or, with settings of one's own, [`Thumbnailer::new`], and [`Thumbnailer::run`]. What is
//! missing is read out of the index (`sluice_store::thumbnailing`), so that nothing is lost with a thumbnailer that is
//! killed, and several do each other no harm. All is done in one lane, which rests in proportion to what it used: however
//! many channels there are, they get older pictures, not more of the machine.
//!
//! How a picture is made is `sluice_media`'s to know; who may see it, and how it is served, the backend's.

mod aside;
mod backlog;
mod clean;
mod cpu;
mod keep;
mod lane;
mod live;
mod posters;
mod reach;
mod remembered;
mod settings;
mod sheets;
mod site;
mod trouble;

use std::future::Future;

use futures_util::FutureExt;
use sluice_config::Config;
use sluice_kit::opened::{Opened, StartError};
use sluice_objects::{Archive, ObjectStore};
use sluice_store::Store;

pub use settings::Settings;

use site::Site;

/// A worker that is ready to run.
pub struct Thumbnailer {
    site: Site,
}

impl Thumbnailer {
    /// Opens what the settings name: database, archive, object store.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let Opened {
            store,
            archive,
            objects,
        } = Opened::open(config).await?;
        Ok(Self::new(store, archive, objects, Settings::of(config)))
    }

    /// A thumbnailer of what an archive and an object store have, by the index of a store.
    pub fn new(store: Store, archive: Archive, objects: ObjectStore, settings: Settings) -> Self {
        let site = Site {
            store,
            archive,
            objects,
            settings,
        };
        Self { site }
    }

    /// Works until `shutdown` completes. What is underway is dropped then, and done by the next thumbnailer.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let site = &self.site;
        tracing::info!(store = site.objects.identity(), "the thumbnailer works");
        let stop = shutdown.shared();
        tokio::join!(lane::run(site, stop.clone()), clean::run(site, stop));
        tracing::info!("the thumbnailer has stopped");
    }
}
