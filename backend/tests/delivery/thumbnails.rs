//! Thumbnails as browsers get them: from a directory by nginx itself, from a bucket as the settings say.

use std::fs;

use reqwest::Method;
use sluice_domain::Millis;
use sluice_objects::{Key, ObjectStore, Thumbnail};
use sluice_testkit::Stack;

use crate::world::{World, answer, location, objects};

const MOMENT: Millis = Millis(1_795_213_253_850);
const PICTURE: &str = "a picture";

/// A stack's channel `stage` with a sheet and a poster; their paths below the channel.
async fn with_pictures(stack: &Stack, objects: &ObjectStore) -> [String; 2] {
    stack.api().signed_up("ada").await.channel("stage").await;
    let name = Thumbnail::name(MOMENT, 0xbeef).unwrap();
    for what in [Thumbnail::Sheet, Thumbnail::Poster] {
        let file = stack.dir().join("made");
        fs::write(&file, PICTURE).unwrap();
        let key = Key::thumbnail("stage", what, &name).unwrap();
        objects.put(&key, &file).await.unwrap();
        fs::remove_file(file).unwrap();
    }
    ["storyboards", "posters"].map(|kind| format!("{kind}/{name}.jpg"))
}

/// Each as what it is, with a token in the path or without; and what is not there in our own words.
async fn are_shown(stack: &Stack, pictures: &[String; 2]) {
    for api in [stack.api(), stack.backend_api()] {
        for below in pictures {
            for channel in ["stage", "~a-token/stage"] {
                let path = format!("/live/{channel}/{below}");
                let whole = api.get(&path).await.is(200);
                assert_eq!(
                    (whole.text.as_str(), whole.header("content-type")),
                    (PICTURE, "image/jpeg")
                );
                assert_eq!(whole.header("cache-control"), "public, max-age=86400, immutable");
                assert_eq!(whole.count("access-control-allow-origin"), 1);
                assert_eq!(whole.count("x-accel-redirect"), 0);
                let head = answer(&api, Method::HEAD, &path, &[]).await;
                assert_eq!(head.headers()["content-length"], PICTURE.len().to_string().as_str());
            }
        }
        let nothing = "/live/stage/posters/20261120-222053-00000000.jpg";
        assert_eq!(api.get(nothing).await.is(404).problem().code, "not_found");
        assert_eq!(
            api.get("/live/stage/thumbnail.jpg").await.is(404).problem().code,
            "no_thumbnail"
        );
        let map = api.get("/live/stage/storyboard.vtt?offset_sec=60&duration=60").await;
        assert_eq!(map.is(200).text, "WEBVTT\n");
    }
}

#[tokio::test]
async fn pictures_in_a_directory_are_sent_by_nginx_or_by_the_backend() {
    let stack = Stack::start().await;
    let objects = ObjectStore::local(stack.config().objects_dir()).unwrap();
    let pictures = with_pictures(&stack, &objects).await;
    are_shown(&stack, &pictures).await;
    // That it was nginx who sent it shows in its own kind of entity tag: no inode, no device.
    let sheet = stack.api().get(&format!("/live/stage/{}", pictures[0])).await;
    assert_eq!(sheet.header("etag").matches(':').count(), 0, "{}", sheet.header("etag"));
}

#[tokio::test]
async fn pictures_in_a_bucket_that_nobody_else_sees_are_sent_by_the_backend() {
    let world = World::with("proxy").await;
    let pictures = with_pictures(&world.stack, &objects(&world.server)).await;
    are_shown(&world.stack, &pictures).await;
    world.gone();
    let path = format!("/live/stage/{}", pictures[0]);
    assert_eq!(world.get(&path, &[]).await.is(503).problem().code, "unavailable");
}

#[tokio::test]
async fn browsers_are_sent_to_a_bucket_where_segments_are() {
    let world = World::with("redirect").await;
    let pictures = with_pictures(&world.stack, &objects(&world.server)).await;
    for api in [world.stack.api(), world.stack.backend_api()] {
        for below in &pictures {
            let sent = answer(&api, Method::GET, &format!("/live/stage/{below}"), &[]).await;
            assert_eq!(sent.status(), 302);
            assert_eq!(sent.headers()["cache-control"], "public, max-age=300");
            let path = location(&sent);
            let picture = answer(&api, Method::GET, &path, &[]).await.text().await.unwrap();
            assert_eq!(picture, PICTURE);
        }
    }
}
