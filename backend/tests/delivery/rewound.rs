//! A day's playlist, which nginx sends by itself as long as it holds and everyone may have it.

use std::{fs, path::PathBuf, time::Duration};

use reqwest::Method;
use serde_json::json;
use sluice_backend::clock;
use sluice_config::ExposeSecret;
use sluice_domain::Millis;
use sluice_hls::timeline;
use sluice_store::{Store, segments::Segment};
use sluice_testkit::{Api, Stack, api::Answer, disk::Disk, wait_for};

use crate::world::{BOUND, answer};

const DVR: &str = "/live/stage/dvr.m3u8";
const GZIP: (&str, &str) = ("accept-encoding", "gzip");
/// nginx looks every second whether its file is still there; the rest is a busy machine's.
const SOON: Duration = Duration::from_secs(20);

/// A channel that was on air an hour ago.
struct Past {
    stack: Stack,
    ada: Api,
}

impl Past {
    async fn of(stack: Stack) -> Self {
        let ada = stack.api().signed_up("ada").await;
        ada.channel("stage").await;
        let store = Store::connect(stack.config().database_url.expose_secret())
            .await
            .unwrap();
        let channel_id = store.channels().by_slug("stage").await.unwrap().unwrap().id;
        let begin = clock::now().minus(Millis::from_secs(3_600));
        let segment = |msn: i64| {
            let started_at = begin.plus(Millis(msn * 6_000));
            Segment {
                channel_id: channel_id.clone(),
                msn,
                session_id: "before".to_owned(),
                seq: msn,
                name: timeline::name(started_at.0, msn.unsigned_abs()),
                started_at,
                duration_us: 6_000_000,
                bytes: 1_000_000,
                discontinuity: msn == 1,
                discontinuity_seq: 1,
                target_s: 6,
                starts_show: msn == 1,
            }
        };
        let rows: Vec<_> = (1..=200).map(segment).collect();
        store.segments().insert_many(&rows).await.unwrap();
        store.close().await;
        Self { stack, ada }
    }

    async fn start() -> Self {
        Self::of(Stack::start().await).await
    }

    /// The file that nginx sends.
    fn file(&self) -> PathBuf {
        file(&self.stack)
    }

    /// Asks as the first viewer does, and waits until nginx has the file.
    async fn handed_over(&self) -> Answer {
        let first = self.get(DVR, &[GZIP]).await.is(200);
        wait_for(BOUND, "the playlist is handed over", async || {
            if self.file().exists() {
                return Some(());
            }
            // A segment may have come in between: then it is for the next who asks.
            self.get(DVR, &[GZIP]).await;
            None
        })
        .await;
        first
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers).await
    }

    /// Asked of nginx.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::of(path, answer(&self.stack.api(), method, path, headers).await).await
    }

    async fn rewinds(&self, who: &str) {
        let change = json!({ "dvr": who });
        self.ada.patch("/api/v1/channels/stage", change).await.is(200);
    }
}

fn file(stack: &Stack) -> PathBuf {
    stack.config().handover_dir().join("live/stage/dvr.m3u8.gz")
}

#[tokio::test]
async fn nginx_sends_the_whole_as_the_backend_does_and_asks_it_for_everything_else() {
    let mut past = Past::start().await;
    let first = past.handed_over().await;
    let plain = past.get(DVR, &[]).await.is(200);
    assert_eq!(plain.text.matches("#EXTINF").count(), 200);
    // Now whatever is answered is answered by nginx alone.
    past.stack.kill_backend();
    let again = past.get(DVR, &[GZIP]).await.is(200);
    assert_eq!(again.text, first.text);
    for header in [
        "content-type",
        "content-length",
        "content-encoding",
        "etag",
        "vary",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cross-origin-resource-policy",
        "x-content-type-options",
    ] {
        assert_eq!(again.header(header), first.header(header), "{header}");
        assert_eq!(again.count(header), 1, "{header}");
    }
    assert_eq!(again.header("cache-control"), "public, max-age=1");
    assert_eq!(again.count("last-modified"), 0, "its time is none");
    let head = past.ask(Method::HEAD, DVR, &[GZIP]).await.is(200);
    assert_eq!(head.header("etag"), first.header("etag"));
    let known = ("if-none-match", first.header("etag"));
    past.get(DVR, &[GZIP, known]).await.is(304);
    let since = ("if-modified-since", "Fri, 20 Nov 2099 00:00:00 GMT");
    past.get(DVR, &[GZIP, since]).await.is(200);
    past.get(DVR, &[GZIP, ("range", "bytes=0-9")]).await.is(200);
    for (path, coding) in [
        (format!("{DVR}?_HLS_skip=YES"), GZIP),
        (format!("{DVR}?_HLS_msn=201"), GZIP),
        ("/live/~a.B_c-9/stage/dvr.m3u8".to_owned(), GZIP),
        (DVR.to_owned(), ("accept-encoding", "br")),
        (DVR.to_owned(), ("accept-encoding", "gzip;q=0")),
    ] {
        let away = past.get(&path, &[coding]).await;
        assert!(away.status.is_server_error(), "{path}: {}", away.status);
    }
    past.stack.start_backend().await;
    assert!(!past.file().exists(), "what a backend before has left may not hold");
    assert_eq!(
        past.get(DVR, &[GZIP]).await.is(200).header("etag"),
        first.header("etag")
    );
    let posted = past.ask(Method::POST, DVR, &[GZIP]).await.is(405);
    assert_eq!(posted.problem().code, "method_not_allowed");
    let preflight = past.ask(Method::OPTIONS, DVR, &[]).await.is(204);
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("If-None-Match")
    );
}

#[tokio::test]
async fn who_may_not_rewind_any_more_is_refused_at_once_and_what_tokens_open_is_never_handed_over() {
    let past = Past::start().await;
    past.handed_over().await;
    past.rewinds("signed_in").await;
    assert!(!past.file().exists());
    wait_for(SOON, "nginx has forgotten it", async || {
        (past.get(DVR, &[GZIP]).await.status == 403).then_some(())
    })
    .await;
    let address = past.ada.show("stage").await["playback"]["dvr"].clone();
    let path = address.as_str().unwrap().rsplit_once("/live/").unwrap().1.to_owned();
    for _ in 0..3 {
        let own = past.get(&format!("/live/{path}"), &[GZIP]).await.is(200);
        assert!(own.header("cache-control").starts_with("private"));
        past.get(DVR, &[GZIP]).await.is(403);
    }
    assert!(!past.file().exists());
}

#[tokio::test]
async fn a_channel_that_is_deleted_leaves_no_playlist_behind() {
    let past = Past::start().await;
    past.handed_over().await;
    past.ada.delete("/api/v1/channels/stage").await.is(204);
    assert!(!past.file().exists());
    wait_for(SOON, "nginx has forgotten it", async || {
        (past.get(DVR, &[GZIP]).await.status == 404).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whoever_asks_during_a_show_sees_it_grow_whether_nginx_or_the_backend_answers() {
    let past = Past::start().await;
    let key = past.ada.key("stage").await;
    let _publisher = past.stack.publish(&key.key);
    let newest = async |api: &Api, headers: &[(&str, &str)]| {
        let answer = answer(api, Method::GET, DVR, headers).await;
        answer.headers()["etag"].to_str().unwrap().to_owned()
    };
    let backend = past.stack.backend_api();
    for _ in 0..3 {
        let before = newest(&backend, &[GZIP]).await;
        past.handed_over().await;
        wait_for(BOUND, "the next segment is listed", async || {
            (newest(&backend, &[GZIP]).await != before).then_some(())
        })
        .await;
        wait_for(SOON, "nginx sends it, too", async || {
            let ours = newest(&past.stack.api(), &[GZIP]).await;
            (ours == newest(&backend, &[GZIP]).await).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn whom_nginx_has_answered_counts_as_a_viewer() {
    let past = Past::start().await;
    past.handed_over().await;
    for name in ["VLC/3.0", "Lavf/59", "VLC/3.0"] {
        past.get(DVR, &[GZIP, ("user-agent", name)]).await.is(200);
    }
    let log = past.stack.config().answered_log();
    wait_for(BOUND, "who asked is counted", async || {
        let metrics = past.stack.backend_api().get("/metrics").await.is(200).text;
        // The first was answered by the backend; of the others only the names tell them apart.
        metrics.lines().find(|line| *line == "sluice_viewers 3").map(|_| ())
    })
    .await;
    wait_for(BOUND, "nothing is kept of who asked", async || {
        (fs::metadata(&log).unwrap().len() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_backend_that_stops_leaves_nothing_to_nginx() {
    let mut past = Past::start().await;
    past.handed_over().await;
    past.stack.stop_backend();
    assert!(!past.file().exists());
}

#[tokio::test]
async fn where_nothing_can_be_handed_over_the_backend_answers() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let Some(disk) = Disk::mount(&data.join("run/rewound"), 1) else {
        return;
    };
    let filler = disk.fill();
    let builder = Stack::builder().env("DATA_DIR", data.display().to_string());
    let past = Past::of(builder.start().await).await;
    let first = past.get(DVR, &[GZIP]).await.is(200);
    for _ in 0..3 {
        assert_eq!(past.get(DVR, &[GZIP]).await.is(200).text, first.text);
    }
    assert!(!past.file().exists());
    fs::remove_file(filler).unwrap();
    wait_for(BOUND, "it is handed over after all", async || {
        past.get(DVR, &[GZIP]).await.is(200);
        past.file().exists().then_some(())
    })
    .await;
}
