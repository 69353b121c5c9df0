//! A moment near the live edge, from the click to the film and to its end: a real encoder, nginx and backend.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use sluice_clipper::Clipper;
use sluice_testkit::{Api, Stack, wait_for};
use tokio::sync::oneshot;

use crate::world::BOUND;

/// What may be between what was asked for and what is there: one frame of the default encoder.
const FRAME_MS: i64 = 40;

/// When the show on the channel began, in milliseconds since the epoch, once anything of it is listed.
async fn began(api: &Api) -> i64 {
    wait_for(BOUND, "the show is listed", async || {
        let playlist = api.get("/live/stage/live.m3u8").await;
        let mut times = playlist
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:"));
        Some(milliseconds(times.next()?))
    })
    .await
}

fn milliseconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
}

/// The codecs and the length of a film, as ffprobe reads it.
fn probed(film: &[u8]) -> (Vec<String>, f64) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("film.mp4");
    fs::write(&path, film).unwrap();
    let probe = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name:format=duration",
            "-of",
            "json",
        ])
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        probe.status.success() && probe.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&probe.stderr)
    );
    let probe: Value = serde_json::from_slice(&probe.stdout).unwrap();
    let streams = probe["streams"].as_array().unwrap().iter();
    let codecs = streams.map(|stream| stream["codec_name"].as_str().unwrap().to_owned());
    (
        codecs.collect(),
        probe["format"]["duration"].as_str().unwrap().parse().unwrap(),
    )
}

#[tokio::test]
async fn a_moment_near_the_live_edge_is_a_film_soon_and_nothing_is_left_of_it_when_it_is_deleted() {
    let stack = Stack::start().await;
    let ada = stack.api().signed_up("ada").await;
    ada.channel("stage").await;
    let mut publisher = stack.publish(&ada.key("stage").await.key);
    publisher.connected().await;
    let clipper = Clipper::open(stack.config()).await.unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let at_work = tokio::spawn(clipper.run(async { drop(told.await) }));

    // Its end is not recorded yet.
    let start = began(&ada).await + 500;
    let wanted = json!({"start": moment(start), "end": moment(start + 6000), "title": "The drop"});
    let asked = ada.post("/api/v1/channels/stage/clips", wanted).await.is(202).json();
    let path = format!("/api/v1/clips/{}", asked["id"].as_str().unwrap());
    let clip = wait_for(BOUND, "the clip is ready", async || {
        let clip = ada.get(&path).await.is(200).json();
        assert_ne!(clip["state"], "failed", "{clip}");
        (clip["state"] == "ready").then_some(clip)
    })
    .await;
    let actual = milliseconds(clip["actual_start"].as_str().unwrap());
    assert!((actual - start).abs() <= FRAME_MS, "{actual} {start}");

    // Everybody plays it, in whole and in pieces.
    let url = clip["url"].as_str().unwrap();
    let film = stack.api().request(reqwest::Method::GET, url).send().await.unwrap();
    assert_eq!(film.headers()["content-type"], "video/mp4");
    let film = film.bytes().await.unwrap();
    assert_eq!(clip["bytes"], film.len());
    let (codecs, seconds) = probed(&film);
    assert_eq!(codecs, ["h264", "aac"]);
    assert!((seconds - 6.0).abs() < 0.1, "{seconds}");
    stack.api().get(clip["poster"].as_str().unwrap()).await.is(200);
    let list = stack.api().get("/api/v1/channels/stage/clips").await.json();
    assert_eq!(list["items"][0]["id"], clip["id"]);

    ada.delete(&path).await.is(204);
    stack.api().get(url).await.is(404);
    wait_for(BOUND, "its objects are removed", async || {
        let id = clip["id"].as_str().unwrap();
        let mut objects = walked(&stack.config().objects_dir());
        objects.retain(|path| path.contains(id));
        objects.is_empty().then_some(())
    })
    .await;
    stop.send(()).unwrap();
    at_work.await.unwrap();
}

#[tokio::test]
async fn a_clip_whose_backend_is_killed_is_ready_after_a_restart_once() {
    let mut stack = Stack::start().await;
    let ada = stack.api().signed_up("ada").await;
    ada.channel("stage").await;
    let mut publisher = stack.publish(&ada.key("stage").await.key);
    publisher.connected().await;
    let clipper = Clipper::open(stack.config()).await.unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let at_work = tokio::spawn(clipper.run(async { drop(told.await) }));

    // Its end is yet to come, and nobody records it while the backend is away.
    let start = began(&ada).await + 500;
    let wanted = json!({"start": moment(start), "end": moment(start + 15_000)});
    let asked = ada.post("/api/v1/channels/stage/clips", wanted).await.is(202).json();
    let id = asked["id"].as_str().unwrap();
    let path = format!("/api/v1/clips/{id}");
    wait_for(BOUND, "the clip is begun", async || {
        (ada.get(&path).await.json()["state"] == "running").then_some(())
    })
    .await;
    stack.kill_backend();
    stack.start_backend().await;
    let clip = wait_for(BOUND, "the clip is ready", async || {
        let clip = ada.get(&path).await.is(200).json();
        assert_ne!(clip["state"], "failed", "{clip}");
        (clip["state"] == "ready").then_some(clip)
    })
    .await;
    let film = stack.api().request(reqwest::Method::GET, clip["url"].as_str().unwrap());
    let (codecs, seconds) = probed(&film.send().await.unwrap().bytes().await.unwrap());
    assert_eq!(codecs, ["h264", "aac"]);
    assert!((seconds - 15.0).abs() < 0.1, "{seconds}");
    let list = ada.get("/api/v1/channels/stage/clips").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let mut objects = walked(&stack.config().objects_dir());
    objects.retain(|path| path.contains(id));
    assert_eq!(objects.len(), 2, "a film and a poster: {objects:?}");
    stop.send(()).unwrap();
    at_work.await.unwrap();
}

/// The files below a directory.
fn walked(dir: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => walked(&path),
            path => vec![path.display().to_string()],
        })
        .collect()
}
