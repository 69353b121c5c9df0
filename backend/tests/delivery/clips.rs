//! Clips as players get them: from a directory by nginx itself, from a bucket as the settings say.

use std::fs;

use reqwest::Method;
use sluice_config::ExposeSecret;
use sluice_domain::Millis;
use sluice_domain::clip::{Mode, Range};
use sluice_objects::{ClipPart, Key, ObjectStore};
use sluice_store::Store;
use sluice_store::clips::{Made, New, Room};
use sluice_store::jobs;
use sluice_testkit::Stack;
use sluice_testkit::api::Answer;
use uuid::Uuid;

use crate::world::{World, answer, location, media, objects};

const ROOM: Room = Room {
    of_account: 1,
    of_channel: 1,
};

/// A stack's channel `stage` with a clip that is ready; the clip's id.
async fn with_clip(stack: &Stack, objects: &ObjectStore) -> String {
    stack.api().signed_up("ada").await.channel("stage").await;
    let store = Store::connect(stack.config().database_url.expose_secret())
        .await
        .unwrap();
    let channel = store.channels().by_slug("stage").await.unwrap().unwrap();
    let (start, end) = (Millis(1_795_213_253_850), Millis(1_795_213_255_850));
    let new = New {
        id: Uuid::now_v7().simple().to_string(),
        job_id: Uuid::now_v7().simple().to_string(),
        channel_id: channel.id,
        slug: channel.slug,
        account_id: None,
        title: Some("The drop".to_owned()),
        mode: Mode::Fast,
        range: Range::new(start, end, 10).unwrap(),
        run_at: start,
        created_at: start,
    };
    assert!(store.clips().create(&new, ROOM).await.unwrap());
    let job = store
        .jobs()
        .lease(&[jobs::CLIP], "test", end, end)
        .await
        .unwrap()
        .unwrap();
    assert!(store.clips().start(&new.id, &job, end).await.unwrap());
    for (part, bytes) in [(ClipPart::Film, media()), (ClipPart::Poster, b"a poster".to_vec())] {
        let file = stack.dir().join("made");
        fs::write(&file, bytes).unwrap();
        let key = Key::clip("stage", start, &new.id, part).unwrap();
        objects.put(&key, &file).await.unwrap();
        fs::remove_file(file).unwrap();
    }
    let made = Made {
        actual_start_at: start,
        duration_ms: 2000,
        bytes: i64::try_from(media().len()).unwrap(),
        width: Some(640),
        height: Some(360),
        frame_rate_milli: Some(30_000),
    };
    assert!(store.clips().ready(&new.id, &job, &made, end).await.unwrap());
    new.id
}

/// All of it, a piece of it and its length, each as what it is.
async fn is_played(stack: &Stack, clip: &str) {
    let download = format!("/api/v1/clips/{clip}/download");
    for api in [stack.api(), stack.backend_api()] {
        for path in [format!("/clips/{clip}.mp4"), download.clone()] {
            let whole = api.get(&path).await.is(200);
            assert!(whole.text.as_bytes() == media(), "{path}");
            assert_eq!(whole.header("content-type"), "video/mp4");
            assert_eq!(whole.header("accept-ranges"), "bytes");
            assert_eq!(whole.count("access-control-allow-origin"), 1);
            assert_eq!(whole.count("x-accel-redirect"), 0);
            assert_eq!(whole.count("content-disposition"), usize::from(path == download));
            let piece = Answer::of(
                &path,
                answer(&api, Method::GET, &path, &[("range", "bytes=188-375")]).await,
            )
            .await;
            let piece = piece.is(206);
            assert_eq!(piece.text.as_bytes(), &media()[188..376]);
            assert_eq!(
                piece.header("content-range"),
                format!("bytes 188-375/{}", media().len())
            );
            let head = answer(&api, Method::HEAD, &path, &[]).await;
            assert_eq!(head.headers()["content-length"], media().len().to_string().as_str());
        }
        let film = api.get(&format!("/clips/{clip}.mp4")).await;
        assert_eq!(film.header("cache-control"), "public, max-age=86400, immutable");
        let named = api.get(&download).await;
        assert!(
            named
                .header("content-disposition")
                .contains("filename*=UTF-8''The%20drop%20")
        );
        let poster = api.get(&format!("/clips/{clip}.jpg")).await.is(200);
        assert_eq!(
            (poster.header("content-type"), poster.text.as_str()),
            ("image/jpeg", "a poster")
        );
        assert_eq!(
            api.get(&format!("/clips/{}.mp4", "0".repeat(32)))
                .await
                .is(404)
                .problem()
                .code,
            "not_found"
        );
    }
}

#[tokio::test]
async fn a_clip_in_a_directory_is_sent_by_nginx_or_by_the_backend() {
    let stack = Stack::start().await;
    let objects = ObjectStore::local(stack.config().objects_dir()).unwrap();
    let clip = with_clip(&stack, &objects).await;
    is_played(&stack, &clip).await;
    // Nobody asks nginx for objects by themselves.
    let key = Key::clip("stage", Millis(1_795_213_253_850), &clip, ClipPart::Film).unwrap();
    stack.api().get(&format!("/-/objects/{key}")).await.is(404);
    // That it was nginx who sent it shows in its own kind of entity tag: no inode, no device.
    let film = stack.api().get(&format!("/clips/{clip}.mp4")).await;
    assert_eq!(film.header("etag").matches(':').count(), 0, "{}", film.header("etag"));
}

#[tokio::test]
async fn a_clip_in_a_bucket_that_nobody_else_sees_is_sent_by_the_backend() {
    let world = World::with("proxy").await;
    let clip = with_clip(&world.stack, &objects(&world.server)).await;
    is_played(&world.stack, &clip).await;
    world.gone();
    let path = format!("/clips/{clip}.mp4");
    assert_eq!(world.get(&path, &[]).await.is(503).problem().code, "unavailable");
}

#[tokio::test]
async fn players_are_sent_to_a_bucket_where_segments_are_and_a_file_to_save_keeps_its_name() {
    let world = World::with("redirect").await;
    let clip = with_clip(&world.stack, &objects(&world.server)).await;
    for api in [world.stack.api(), world.stack.backend_api()] {
        let sent = answer(&api, Method::GET, &format!("/clips/{clip}.mp4"), &[]).await;
        assert_eq!(sent.status(), 302);
        let path = location(&sent);
        let whole = Answer::of(&path, answer(&api, Method::GET, &path, &[]).await)
            .await
            .is(200);
        assert!(whole.text.as_bytes() == media());
        let named = api.get(&format!("/api/v1/clips/{clip}/download")).await.is(200);
        assert!(named.text.as_bytes() == media());
        assert!(named.header("content-disposition").starts_with("attachment"));
    }
}

#[tokio::test]
async fn with_nginx_in_front_only_the_embedded_player_may_be_framed() {
    let stack = Stack::start().await;
    let objects = ObjectStore::local(stack.config().objects_dir()).unwrap();
    let clip = with_clip(&stack, &objects).await;
    let index = "<html><head><title>Sluice</title></head><body></body></html>";
    fs::write(stack.config().frontend_dir.join("index.html"), index).unwrap();
    let (page, embed) = (format!("/clip/{clip}"), format!("/embed/{clip}"));
    for (path, frames, framed) in [(&page, "'self'", 1), (&embed, "*", 0)] {
        let answer = stack.api().get(path).await.is(200);
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains(&format!("frame-ancestors {frames}")),
            "{path}: {policy}"
        );
        assert_eq!(answer.count("x-frame-options"), framed, "{path}");
        for once in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cache-control",
        ] {
            assert_eq!(answer.count(once), 1, "{path}: {once}");
        }
        assert!(answer.text.contains("og:video"), "{path}: {}", answer.text);
        assert!(answer.text.contains(&stack.api().url(&page)), "{path}");
    }
}

#[tokio::test]
async fn without_the_backend_a_clips_page_is_a_page_of_the_site_still() {
    let mut stack = Stack::start().await;
    stack.kill_backend();
    let answer = stack.api().get(&format!("/clip/{}", "0".repeat(32))).await;
    assert!(answer.header("content-type").starts_with("text/html"));
    assert_eq!(answer.text, stack.api().get("/").await.text);
}
