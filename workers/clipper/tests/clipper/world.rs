//! What cases begin with: a channel whose show was recorded, and an object store behind a front.

use std::fs;
use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use sluice_clipper::{Clipper, Settings};
use sluice_domain::Millis;
use sluice_domain::clip::{Mode, Range, State};
use sluice_kit::clock;
use sluice_store::clips::{Clip, New, Retried, Room};
use sluice_testkit::site::{STAGE, Site, name};
use sluice_testkit::wait_for;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::show::Show;

/// Long enough for anything here, on a machine that is busy with other tests.
pub(crate) const BOUND: Duration = Duration::from_secs(90);

const ROOM: Room = Room {
    of_account: 100,
    of_channel: 100,
};

/// The channel `stage`, with an archive, an index and a bucket behind a front.
pub(crate) struct World(Site);

impl Deref for World {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.0
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self(Site::new().await)
    }

    /// Where a segment of the show lies in the archive.
    pub(crate) fn archived(&self, show: &Show, msn: usize) -> PathBuf {
        let name = name(show.segments[msn].started_at, msn as i64);
        self.archive.path("stage", &name).unwrap()
    }

    /// Quick settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            poll: Duration::from_millis(20),
            lease: Duration::from_secs(3),
            storage_wait: Duration::from_millis(5),
            // Shows are of long ago, and waited for as those of today are.
            edge: Millis::from_secs(1_000 * 365 * 86_400),
            tail: Duration::from_millis(300),
            ..Settings::of(&self.config)
        }
    }

    pub(crate) fn clipper(&self, settings: Settings) -> Running {
        let (store, archive, objects) = (self.store.clone(), self.archive.clone(), self.objects.clone());
        let (stop, told) = oneshot::channel::<()>();
        let clipper = Clipper::new(store, archive, objects, settings);
        let task = tokio::spawn(clipper.run(async { drop(told.await) }));
        Running { stop, task }
    }

    /// Asks for a clip; returns its id.
    pub(crate) async fn ask(&self, (start, end): (i64, i64), mode: Mode) -> String {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let new = New {
            id: id.clone(),
            job_id: uuid::Uuid::now_v7().simple().to_string(),
            channel_id: STAGE.to_owned(),
            slug: "stage".to_owned(),
            account_id: Some("ann".to_owned()),
            title: Some("The moment".to_owned()),
            mode,
            range: Range::new(Millis(start), Millis(end), 3600).unwrap(),
            run_at: clock::now(),
            created_at: clock::now(),
        };
        assert!(self.store.clips().create(&new, ROOM).await.unwrap());
        id
    }

    /// Asks once more for a clip that came to nothing.
    pub(crate) async fn retry(&self, id: &str) {
        let clip = self.clip(id).await;
        let job = uuid::Uuid::now_v7().simple().to_string();
        let retried = self.store.clips().retry(&clip, &job, ROOM, clock::now()).await;
        assert_eq!(retried.unwrap(), Retried::Queued);
    }

    pub(crate) async fn clip(&self, id: &str) -> Clip {
        self.store.clips().by_id(id).await.unwrap().unwrap()
    }

    /// Waits until a clip is ready or has failed.
    pub(crate) async fn over(&self, id: &str) -> Clip {
        wait_for(BOUND, "the clip is ready or has failed", async || {
            Some(self.clip(id).await).filter(|clip| !clip.state.is_in_flight())
        })
        .await
    }

    /// Waits until a clip is being made.
    pub(crate) async fn running(&self, id: &str) {
        wait_for(BOUND, "the clip is being made", async || {
            (self.clip(id).await.state == State::Running).then_some(())
        })
        .await;
    }

    /// A clip's film, out of the bucket.
    pub(crate) fn film(&self, id: &str) -> PathBuf {
        let keys = self.clip_objects();
        let key = keys.iter().find(|key| key.ends_with(&format!("{id}.mp4")));
        self.server.file(key.expect("the clip's film is in the bucket"))
    }

    /// What is in the bucket of clips.
    pub(crate) fn clip_objects(&self) -> Vec<String> {
        let keys = self.server.objects().into_keys();
        keys.filter(|key| key.ends_with(".mp4") || key.ends_with(".jpg"))
            .collect()
    }

    /// What is left where clips are made.
    pub(crate) fn scratch(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.config.clipper_dir());
        entries
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default()
    }
}

/// A clipper at work.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}
