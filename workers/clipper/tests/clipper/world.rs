//! What cases begin with: a channel whose show was recorded, and an object store behind a front.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use sluice_clipper::{Clipper, Settings};
use sluice_config::Config;
use sluice_domain::clip::{Mode, Range, State};
use sluice_domain::{Access, Millis, Role};
use sluice_kit::clock;
use sluice_objects::{Archive, ObjectStore, s3};
use sluice_store::clips::{Clip, New, Room};
use sluice_store::segments::Segment;
use sluice_store::{Store, accounts, channels};
use sluice_testkit::s3::{ACCESS_KEY, BUCKET, Front, SECRET_KEY, Server};
use sluice_testkit::wait_for;
use tempfile::TempDir;
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
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) archive: Archive,
    pub(crate) objects: ObjectStore,
    pub(crate) server: Server,
    pub(crate) front: Front,
    pub(crate) config: Config,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) dir: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start().await;
        let front = Front::start(server.address()).await;
        let below = |name: &str| dir.path().join(name).display().to_string();
        let env = BTreeMap::from([
            ("JWT_SECRET".to_owned(), "0123456789abcdef0123456789abcdef".to_owned()),
            ("DATA_DIR".to_owned(), below("data")),
            ("LOG_DIR".to_owned(), below("logs")),
            ("OBJECT_STORE".to_owned(), "s3".to_owned()),
            ("S3_ENDPOINT".to_owned(), front.endpoint()),
            ("S3_BUCKET".to_owned(), BUCKET.to_owned()),
            ("S3_ACCESS_KEY".to_owned(), ACCESS_KEY.to_owned()),
            ("S3_SECRET_KEY".to_owned(), SECRET_KEY.to_owned()),
        ]);
        let config = Config::from_vars(env.clone()).unwrap();
        let archive = Archive::open(config.archive_dir()).unwrap();
        let url = format!("sqlite://{}/sluice.db", config.data_dir.display());
        let store = Store::connect(&url).await.unwrap();
        store.accounts().create(&account()).await.unwrap();
        store.channels().create(&channel()).await.unwrap();
        Self {
            objects: bucket(&front.endpoint()),
            store,
            archive,
            server,
            front,
            config,
            env,
            dir,
        }
    }

    /// Archives and records a show's segments of these numbers.
    pub(crate) async fn record(&self, show: &Show, numbers: std::ops::Range<usize>) {
        let mut rows = Vec::new();
        for (msn, source) in show
            .segments
            .iter()
            .enumerate()
            .filter(|(msn, _)| numbers.contains(msn))
        {
            let name = name(source.started_at, msn);
            let bytes = self.archive.adopt(&source.path, "stage", &name).unwrap();
            rows.push(Segment {
                channel_id: "id-of-stage".to_owned(),
                msn: msn as i64,
                session_id: "session".to_owned(),
                seq: msn as i64,
                name,
                started_at: source.started_at,
                duration_us: source.duration_us,
                bytes: bytes as i64,
                discontinuity: source.discontinuity,
                discontinuity_seq: 0,
                target_s: 2,
                starts_show: msn == 0,
            });
        }
        self.store.segments().insert_many(&rows).await.unwrap();
    }

    /// Where a segment of the show lies in the archive.
    pub(crate) fn archived(&self, show: &Show, msn: usize) -> PathBuf {
        let name = name(show.segments[msn].started_at, msn);
        self.archive.path("stage", &name).unwrap()
    }

    /// Takes all segments into the bucket, and off the disk.
    pub(crate) async fn offload(&self, show: &Show) {
        for (msn, source) in show.segments.iter().enumerate() {
            let name = name(source.started_at, msn);
            let key = sluice_objects::Key::segment("stage", &name).unwrap();
            self.objects.put(&key, &source.path).await.unwrap();
            let offload = self.store.offload();
            offload
                .stored("id-of-stage", msn as i64, "checksum", clock::now())
                .await
                .unwrap();
            offload
                .evicted(&[("id-of-stage", msn as i64)], clock::now())
                .await
                .unwrap();
            self.archive.remove("stage", &name).unwrap();
        }
    }

    /// Quick settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            poll: Duration::from_millis(20),
            lease: Duration::from_secs(3),
            storage_limit: Duration::from_secs(5),
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
            channel_id: "id-of-stage".to_owned(),
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
        assert!(self.store.clips().retry(&clip, &job, clock::now()).await.unwrap());
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

fn bucket(endpoint: &str) -> ObjectStore {
    ObjectStore::s3(&s3::Settings {
        endpoint: Some(endpoint.parse().unwrap()),
        region: "us-east-1".to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.into(),
        public_url: None,
    })
}

/// What a segment is called.
fn name(started_at: Millis, msn: usize) -> String {
    let time = jiff::Timestamp::from_millisecond(started_at.0).unwrap();
    format!("{}-{msn:08}", time.strftime("%Y%m%d-%H%M%S"))
}

fn account() -> accounts::New {
    accounts::New {
        id: "ann".to_owned(),
        email: "ann@example.org".to_owned(),
        display_name: "ann".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: Role::Streamer,
        activated_at: None,
        created_at: Millis(0),
    }
}

fn channel() -> channels::New {
    channels::New {
        id: "id-of-stage".to_owned(),
        slug: "stage".to_owned(),
        owner_id: "ann".to_owned(),
        title: "Stage".to_owned(),
        description: String::new(),
        access: Access::Public,
        takeover: false,
        created_at: Millis(0),
    }
}
