//! Players fetch what is listed while it is uploaded and leaves the disk, through the real nginx and the real backend.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluice_config::{ExposeSecret, Watermarks};
use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_objects::Archive;
use sluice_store::Store;
use sluice_store::offload::Place;
use sluice_store::segments::Segment;
use sluice_testkit::s3::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};
use sluice_testkit::site::{bucket, name};
use sluice_testkit::{Api, Stack};
use sluice_uploader::{Settings, Uploader};

use crate::world::{Running, media};

/// So many leave the disk meanwhile at least, for the case to say anything.
const EVICTED: i64 = 25;
/// Players that fetch at the same time.
const PLAYERS: usize = 32;
/// Between two segments: a show two hundred times as fast as real.
const PACE: Duration = Duration::from_millis(10);

/// A show that goes on, with its index.
struct Show {
    stack: Stack,
    _server: Server,
    store: Store,
    archive: Archive,
    channel_id: String,
    /// What the index lists, by number.
    listed: Arc<Mutex<Vec<String>>>,
}

impl Show {
    async fn delivered(mode: &str) -> (Self, Running) {
        let server = Server::start().await;
        let stack = Stack::builder()
            .env("OBJECT_STORE", "s3")
            .env("S3_ENDPOINT", server.endpoint())
            .env("S3_BUCKET", BUCKET)
            .env("S3_ACCESS_KEY", ACCESS_KEY)
            .env("S3_SECRET_KEY", SECRET_KEY)
            .env("SEGMENT_DELIVERY", mode)
            .start()
            .await;
        stack.api().signed_up("ada").await.channel("stage").await;
        let config = stack.config();
        let store = Store::connect(config.database_url.expose_secret()).await.unwrap();
        let archive = Archive::open(config.archive_dir()).unwrap();
        // Whatever is stored, and not of this moment, leaves the disk at once.
        let settings = Settings {
            watermarks: Watermarks {
                high_percent: 1,
                low_percent: 0,
            },
            safe_age: Millis(200),
            poll: Duration::from_millis(20),
            evict_every: Duration::from_millis(20),
            ..Settings::of(config)
        };
        let objects = bucket(&server.endpoint(), SECRET_KEY);
        let uploader = Uploader::new(store.clone(), archive.clone(), objects, settings);
        let channel_id = store.channels().by_slug("stage").await.unwrap().unwrap().id;
        let show = Self {
            stack,
            _server: server,
            store,
            archive,
            channel_id,
            listed: Arc::default(),
        };
        (show, Running::of(uploader))
    }

    /// Archives, records and lists segments, one after the other, for as long as somebody waits for it.
    async fn goes_on(&self) {
        for msn in 0.. {
            let started_at = clock::now();
            let (name, bytes) = (name(started_at, msn), media(msn));
            let spooled = self.stack.dir().join("spooled.ts");
            fs::write(&spooled, &bytes).unwrap();
            self.archive.adopt(&spooled, "stage", &name).unwrap();
            fs::remove_file(spooled).unwrap();
            let row = Segment {
                channel_id: self.channel_id.clone(),
                msn,
                session_id: "s-stage".to_owned(),
                seq: msn,
                name: name.clone(),
                started_at,
                duration_us: 2_000_000,
                bytes: i64::try_from(bytes.len()).unwrap(),
                discontinuity: false,
                discontinuity_seq: 0,
                target_s: 2,
                starts_show: msn == 0,
            };
            self.store.segments().insert_many(&[row]).await.unwrap();
            self.listed.lock().unwrap().push(name);
            tokio::time::sleep(PACE).await; // the show's own pace
        }
    }

    /// How many segments are off the disk.
    async fn evicted(&self) -> i64 {
        let amounts = self.store.offload().amounts().await.unwrap();
        let stored = amounts.iter().find(|amount| amount.place == Place::Store);
        stored.map_or(0, |amount| amount.segments)
    }

    /// Players fetch at random from what is listed, so often together; says what was not as it should be.
    async fn fetched(&self, fetches: usize) -> Vec<String> {
        let begun = Arc::new(AtomicUsize::new(0));
        let players = (0..PLAYERS).map(|_| {
            let (api, listed, begun) = (self.stack.api(), Arc::clone(&self.listed), Arc::clone(&begun));
            tokio::spawn(async move {
                let mut amiss = Vec::new();
                while begun.fetch_add(1, Ordering::Relaxed) < fetches {
                    let (msn, name) = {
                        let listed = listed.lock().unwrap();
                        let msn = rand::random_range(0..listed.len());
                        (msn, listed[msn].clone())
                    };
                    amiss.extend(fetch(&api, msn, &name).await.err());
                }
                amiss
            })
        });
        let players: Vec<_> = players.collect();
        let mut amiss = Vec::new();
        for player in players {
            amiss.extend(player.await.unwrap());
        }
        amiss
    }
}

async fn fetch(api: &Api, msn: usize, name: &str) -> Result<(), String> {
    let told = |what: &dyn std::fmt::Debug| format!("{name}: {what:?}");
    let get = async |path: &str| {
        let request = api.request(reqwest::Method::GET, path);
        request.send().await.map_err(|error| told(&error))
    };
    let mut answer = get(&format!("/live/stage/segments/{name}.ts")).await?;
    if answer.status() == 302 {
        let address = answer.headers()["location"].to_str().unwrap().to_owned();
        answer = get(&address).await?;
    }
    if answer.status() != 200 {
        return Err(told(&answer.status()));
    }
    let bytes = answer.bytes().await.map_err(|error| told(&error))?;
    let expected = media(i64::try_from(msn).unwrap());
    (bytes == expected).then_some(()).ok_or_else(|| told(&"other bytes"))
}

/// So often fetched in a mode, while a show goes on and its segments leave the disk behind it.
async fn all_is_there(mode: &str, fetches: usize) {
    let (show, uploader) = Show::delivered(mode).await;
    let fetched = async {
        // The first is listed before anybody asks.
        while show.listed.lock().unwrap().is_empty() {
            tokio::time::sleep(PACE).await;
        }
        show.fetched(fetches).await
    };
    let amiss = tokio::select! {
        amiss = fetched => amiss,
        () = show.goes_on() => unreachable!("it goes on"),
    };
    let shown = &amiss[..amiss.len().min(10)];
    assert!(amiss.is_empty(), "{} of {fetches}: {shown:#?}", amiss.len());
    let evicted = show.evicted().await;
    assert!(evicted >= EVICTED, "only {evicted} left the disk meanwhile");
    uploader.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_listed_is_missing_while_segments_leave_the_disk_under_ten_thousand_fetches() {
    all_is_there("proxy", 10_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_where_players_are_sent_to_the_bucket() {
    all_is_there("redirect", 2_000).await;
}
