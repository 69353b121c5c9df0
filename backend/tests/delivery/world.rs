//! What cases begin with: a bucket with a segment in it that is not on disk, and a Sluice in front of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use sluice_objects::{Key, ObjectStore, s3};
use sluice_testkit::s3::{ACCESS_KEY, BUCKET, Front, Request, SECRET_KEY, Server, Trouble};
use sluice_testkit::{Api, Stack, api::Answer, stack::Builder};

/// A segment's name.
pub(crate) const NAME: &str = "20261120-235900-00000042";
/// One that the bucket does not have.
pub(crate) const MISSING: &str = "20261120-235902-00000043";
/// Where players ask for it.
pub(crate) const PATH: &str = "/live/stage/segments/20261120-235900-00000042.ts";
/// The same with a viewer's token.
pub(crate) const WITH_TOKEN: &str = "/live/~a.B_c-9/stage/segments/20261120-235900-00000042.ts";
/// What an answer from the bucket may take at most on a busy machine, its troubles included.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

/// What a request meets.
type Plan = Arc<Mutex<Box<dyn Fn(&Request) -> Option<Trouble> + Send>>>;

/// A bucket behind a front, and a stack that has nothing on its own disk.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) server: Server,
    pub(crate) front: Front,
    asked: Arc<Mutex<Vec<Request>>>,
    plan: Plan,
}

impl World {
    /// With a mode of delivery.
    pub(crate) async fn with(mode: &str) -> Self {
        Self::built(|builder| builder.env("SEGMENT_DELIVERY", mode)).await
    }

    /// With settings beside those of the bucket.
    pub(crate) async fn built(more: impl FnOnce(Builder) -> Builder) -> Self {
        let server = Server::start().await;
        let front = Front::start(server.address()).await;
        let builder = Stack::builder()
            .env("OBJECT_STORE", "s3")
            .env("S3_ENDPOINT", front.endpoint())
            .env("S3_BUCKET", BUCKET)
            .env("S3_ACCESS_KEY", ACCESS_KEY)
            .env("S3_SECRET_KEY", SECRET_KEY);
        let stack = more(builder).start().await;
        store(&server, NAME, &media()).await;
        let (asked, plan): (Arc<Mutex<Vec<Request>>>, Plan) =
            (Arc::default(), Arc::new(Mutex::new(Box::new(|_| None))));
        let (asked_too, planned) = (Arc::clone(&asked), Arc::clone(&plan));
        front.plan(move |request| {
            asked_too.lock().unwrap().push(request.clone());
            planned.lock().unwrap()(request)
        });
        Self {
            stack,
            server,
            front,
            asked,
            plan,
        }
    }

    /// From now on, what becomes of requests to the bucket.
    pub(crate) fn plan(&self, plan: impl Fn(&Request) -> Option<Trouble> + Send + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    /// Nothing listens any more where the bucket was.
    pub(crate) fn gone(&self) {
        self.front.stop();
    }

    /// What the bucket was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// A request of a player, as far as its head: through nginx.
    pub(crate) async fn answer(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        answer(&self.stack.api(), method, path, headers).await
    }

    /// The whole answer to a GET through nginx.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::of(path, self.answer(Method::GET, path, headers).await).await
    }
}

pub(crate) async fn answer(api: &Api, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = headers
        .iter()
        .fold(api.request(method, path), |request, (name, value)| {
            request.header(*name, *value)
        });
    tokio::time::timeout(BOUND, request.send())
        .await
        .expect("it is answered in time")
        .unwrap()
}

/// A server's bucket.
pub(crate) fn objects(server: &Server) -> ObjectStore {
    ObjectStore::s3(&s3::Settings {
        endpoint: Some(server.endpoint().parse().unwrap()),
        region: "us-east-1".to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.into(),
        public_url: None,
    })
}

/// Puts a segment of the channel `stage` into a bucket.
pub(crate) async fn store(server: &Server, name: &str, media: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("segment.ts");
    std::fs::write(&file, media).unwrap();
    let key = Key::segment("stage", name).unwrap();
    objects(server).put(&key, &file).await.unwrap();
}

/// A segment of no two bytes alike near each other, in letters.
pub(crate) fn media() -> Vec<u8> {
    (0..188 * 2_000u32)
        .map(|at| b'a' + u8::try_from((at / 7 + at) % 26).unwrap())
        .collect()
}

/// The address that an answer sends to.
pub(crate) fn location(answer: &reqwest::Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}
