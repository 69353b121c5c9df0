//! What cases begin with: a channel whose show was recorded, and a thumbnailer for it.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_store::thumbnails::{Live, Poster, Sheet};
use sluice_store::{publish_sessions, stream_keys};
use sluice_testkit::site::{SESSION, STAGE, Site};
use sluice_testkit::wait_for;
use sluice_thumbnailer::{Settings, Thumbnailer};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::picture::Size;
use crate::seen::Tile;
use crate::show::{Show, Take};

/// Long enough for anything here, on a machine that is busy with other tests.
pub(crate) const BOUND: Duration = Duration::from_secs(90);
/// As wide as twice a small picture.
pub(crate) const SIZE: Size = Size(320, 180);

pub(crate) struct World(Site);

impl Deref for World {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.0
    }
}

/// Two shows with four minutes and a half between them, the first of them on one sheet, the second on the next.
pub(crate) fn shows() -> Show {
    let first = Take {
        size: SIZE,
        length: 44,
        ..Take::default()
    };
    let second = Take {
        length: 26,
        gop: 4,
        b_frames: 2,
        pause_ms: 270_300,
        ..first
    };
    Show::record(&[first, second])
}

impl World {
    pub(crate) async fn new() -> Self {
        Self(Site::new().await)
    }

    /// All of the shows, recorded.
    pub(crate) async fn recorded() -> (Self, Show) {
        let (world, show) = (Self::new().await, shows());
        world.record(&show.segments, 0..show.segments.len()).await;
        (world, show)
    }

    /// Has the channel be live, with the session of its segments.
    pub(crate) async fn goes_live(&self) {
        let key = stream_keys::New {
            id: "key".to_owned(),
            channel_id: STAGE.to_owned(),
            label: "OBS".to_owned(),
            key_hash: "hash".to_owned(),
            hint: "wxyz".to_owned(),
            created_at: Millis(0),
        };
        self.store.stream_keys().create(&key).await.unwrap();
        let session = publish_sessions::New {
            id: SESSION.to_owned(),
            channel_id: STAGE.to_owned(),
            stream_key_id: "key".to_owned(),
            instance: "nginx-1".to_owned(),
            client_id: "19".to_owned(),
            address: "192.0.2.7".to_owned(),
            encoder: "OBS".to_owned(),
            started_at: clock::now(),
        };
        self.store.publish_sessions().create(&session).await.unwrap();
    }

    /// Quick settings, without a budget.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            budget: 1.0,
            poll: Duration::from_millis(20),
            live_rest: Millis(0),
            sheet_every: Millis(0),
            look_back_every: Duration::from_millis(100),
            grace: Millis(0),
            clean_every: Duration::from_millis(50),
            retry_first: Duration::from_millis(50),
            retry_longest: Duration::from_millis(200),
            aside_longest: Duration::from_millis(200),
            ..Settings::of(&self.config)
        }
    }

    pub(crate) fn thumbnailer(&self, settings: Settings) -> Running {
        let (store, archive, objects) = (self.store.clone(), self.archive.clone(), self.objects.clone());
        let (stop, told) = oneshot::channel::<()>();
        let thumbnailer = Thumbnailer::new(store, archive, objects, settings);
        let task = tokio::spawn(async { thumbnailer.run(async { drop(told.await) }).await });
        Running { stop, task }
    }

    /// A program that does as told in the place of ffmpeg.
    pub(crate) fn ffmpeg(&self, lines: &str) -> PathBuf {
        let program = self.dir.path().join("ffmpeg");
        fs::write(&program, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    pub(crate) async fn sheets(&self) -> Vec<Sheet> {
        let thumbnails = self.store.thumbnails();
        thumbnails.sheets(STAGE, Millis(0), Millis(i64::MAX)).await.unwrap()
    }

    pub(crate) async fn live(&self) -> Option<Live> {
        self.store.thumbnails().live(&[STAGE]).await.unwrap().pop()
    }

    pub(crate) async fn posters(&self) -> Vec<Poster> {
        let numbers: Vec<i64> = (0..1000).collect();
        let mut posters = self.store.thumbnails().posters(STAGE, &numbers).await.unwrap();
        posters.sort_by_key(|poster| poster.first_msn);
        posters
    }

    /// Waits until nothing is missing.
    pub(crate) async fn complete(&self) {
        wait_for(BOUND, "nothing is missing", async || {
            let all = (Millis(0), Millis(i64::MAX));
            let thumbnails = self.store.thumbnails();
            let lacking = thumbnails.lacking(all, Millis(i64::MAX), 9).await.unwrap();
            let unposted = thumbnails.unposted(9).await.unwrap();
            (lacking.is_empty() && unposted.is_empty()).then_some(())
        })
        .await;
    }

    /// The pictures in the bucket, by key.
    pub(crate) fn pictures(&self) -> Vec<String> {
        let keys = self.server.objects().into_keys();
        keys.filter(|key| key.starts_with("_thumbnails/")).collect()
    }

    /// Where a picture of this name lies in the bucket.
    pub(crate) fn picture(&self, name: &str) -> PathBuf {
        let keys = self.pictures();
        let key = keys.iter().find(|key| key.ends_with(&format!("/{name}.jpg")));
        self.server.file(key.expect("the picture is in the bucket"))
    }

    /// What is seen on all sheets, in the order of time.
    pub(crate) async fn storyboard(&self) -> Vec<Tile> {
        let sheets = self.sheets().await;
        sheets
            .iter()
            .flat_map(|sheet| Tile::all(&self.picture(&sheet.name), sheet))
            .collect()
    }

    /// Waits until there is nothing in the bucket but what is shown.
    pub(crate) async fn nothing_else_is_kept(&self) {
        wait_for(BOUND, "what is not shown is removed", async || {
            let mut shown: Vec<String> = self.sheets().await.into_iter().map(|sheet| sheet.name).collect();
            shown.extend(self.posters().await.into_iter().map(|poster| poster.name));
            shown.extend(self.live().await.map(|live| live.name));
            let waste = self.store.thumbnails().waste(Millis(i64::MAX), 99).await.unwrap();
            let pictures = self.pictures();
            let all_shown = pictures.iter().all(|key| shown.iter().any(|name| key.contains(name)));
            (waste.is_empty() && all_shown && pictures.len() == shown.len()).then_some(())
        })
        .await;
    }
}

/// A thumbnailer at work.
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
