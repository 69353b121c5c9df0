//! Clips: asked for, made and played. Who makes them is the test itself.

mod asking;
mod changing;
mod following;
mod showing;

use std::fs;

use serde_json::{Value, json};
use sluice_backend::clock;
use sluice_backend::http::time::rfc3339;
use sluice_domain::Millis;
use sluice_domain::clip::Reason;
use sluice_objects::{ClipPart, Key, ObjectStore};
use sluice_store::clips::{Made, Order};
use sluice_store::jobs::{self, Job};
use sluice_testkit::{Api, App};

use crate::recorded::Site;

const PATH: &str = "/api/v1/channels/stage/clips";

/// A site whose channel `stage` was on for twenty seconds, a minute ago.
struct Stage {
    site: Site,
    /// When it began.
    began: Millis,
}

impl Stage {
    async fn open() -> Self {
        let site = Site::open().await;
        let began = site.show(1..11, 60).await[0].started_at;
        Self { site, began }
    }

    fn app(&self) -> &App {
        &self.site.app
    }

    /// Wants what was on between two moments, in milliseconds of the show.
    fn wants(&self, from_ms: i64, to_ms: i64) -> Value {
        let at = |ms| rfc3339(self.began.plus(Millis(ms)));
        json!({"start": at(from_ms), "end": at(to_ms)})
    }

    /// The clip that somebody asks for.
    async fn asked(&self, api: &Api) -> Value {
        api.post(PATH, self.wants(3000, 8000)).await.is(202).json()
    }

    async fn due(&self) -> Option<Job> {
        due(self.app(), clock::now()).await
    }

    /// Begins to make the clip that waits longest.
    async fn begun(&self) -> (Order, Job) {
        let job = self.due().await.expect("a clip is due");
        let order: Order = serde_json::from_str(&job.payload).unwrap();
        let clips = self.app().state().store.clips();
        assert!(clips.start(&order.clip, &job, clock::now()).await.unwrap());
        (order, job)
    }

    /// Makes the clip that waits longest.
    async fn made(&self) -> Order {
        let (order, job) = self.begun().await;
        let objects = ObjectStore::local(self.app().config().objects_dir()).unwrap();
        for (part, bytes) in [(ClipPart::Film, film()), (ClipPart::Poster, b"a poster".to_vec())] {
            let file = self.app().config().data_dir.join("made");
            fs::write(&file, bytes).unwrap();
            let key = Key::clip(&order.slug, order.start_at, &order.clip, part).unwrap();
            objects.put(&key, &file).await.unwrap();
            fs::remove_file(file).unwrap();
        }
        let store = &self.app().state().store;
        let made = Made {
            actual_start_at: order.start_at,
            duration_ms: 5000,
            bytes: i64::try_from(film().len()).unwrap(),
            width: Some(1920),
            height: Some(1080),
            frame_rate_milli: Some(25_000),
        };
        assert!(
            store
                .clips()
                .ready(&order.clip, &job, &made, clock::now())
                .await
                .unwrap()
        );
        assert!(store.jobs().complete(&job).await.unwrap());
        order
    }

    /// Has the clip that waits longest come to nothing.
    async fn failed(&self, reason: Reason) {
        let (order, job) = self.begun().await;
        let store = &self.app().state().store;
        assert!(
            store
                .clips()
                .fail(&order.clip, &job, reason, clock::now())
                .await
                .unwrap()
        );
        assert!(store.jobs().fail(&job, reason.as_str(), None).await.unwrap());
    }

    fn write_index(&self) {
        let dir = &self.app().config().frontend_dir;
        fs::create_dir_all(dir).unwrap();
        let index = "<html><head><title>Sluice</title><script src=\"/a.js\"></script></head><body></body></html>";
        fs::write(dir.join("index.html"), index).unwrap();
    }
}

/// Takes the clip's job that is due longest at a moment.
async fn due(app: &App, at: Millis) -> Option<Job> {
    let jobs = app.state().store.jobs();
    let until = at.plus(Millis::from_secs(60));
    jobs.lease(&[jobs::CLIP, jobs::REMOVE_CLIP], "test", at, until)
        .await
        .unwrap()
}

/// Something that is as long as a film.
fn film() -> Vec<u8> {
    (0..100_000_u32).map(|n| b'a' + u8::try_from(n % 23).unwrap()).collect()
}

fn id(clip: &Value) -> String {
    clip["id"].as_str().unwrap().to_owned()
}

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(id).collect()
}
