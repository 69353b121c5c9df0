//! `SEGMENT_DELIVERY=proxy`: nginx fetches, and nobody learns of the bucket.

use reqwest::Method;
use sluice_testkit::{disk::Disk, s3::BUCKET};

use crate::world::{MISSING, NAME, PATH, WITH_TOKEN, World, media, store};

#[tokio::test]
async fn a_segment_that_only_the_bucket_has_comes_as_if_it_were_on_disk() {
    let world = World::with("proxy").await;
    for path in [PATH, WITH_TOKEN] {
        let answer = world.get(path, &[]).await.is(200);
        assert!(answer.text.as_bytes() == media(), "the bytes");
        for (name, value) in [
            ("content-type", "video/mp2t"),
            ("cache-control", "public, max-age=86400, immutable"),
            ("access-control-allow-origin", "*"),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!((answer.header(name), answer.count(name)), (value, 1), "{path} {name}");
        }
        assert_eq!(answer.header("content-length"), media().len().to_string());
        let told = format!("{:?}", answer.headers).to_lowercase();
        for word in ["x-amz", "x-accel", BUCKET, &world.front.endpoint()[7..], "signature"] {
            assert!(!told.contains(word), "{path}: {word} in {told}");
        }
    }
    let preflight = world
        .answer(Method::OPTIONS, PATH, &[("origin", "https://elsewhere.example")])
        .await;
    assert_eq!(preflight.status(), 204);
}

#[tokio::test]
async fn ranges_and_heads_are_answered_for_what_is_not_on_disk() {
    let world = World::with("proxy").await;
    let (whole, last) = (media(), media().len() - 1);
    // First by way of the bucket, then by nginx's own cache.
    for round in ["first", "second"] {
        let head = world.answer(Method::HEAD, PATH, &[]).await;
        assert_eq!(head.status(), 200, "{round}");
        assert_eq!(
            head.headers()["content-length"],
            whole.len().to_string().as_str(),
            "{round}"
        );
        assert_eq!(head.headers()["content-type"], "video/mp2t", "{round}");
        for (range, first, end) in [
            ("bytes=0-187", 0, 187),
            ("bytes=188-1000", 188, 1000),
            ("bytes=375000-", 375_000, last),
            ("bytes=-188", last - 187, last),
        ] {
            let answer = world.get(PATH, &[("range", range)]).await.is(206);
            assert!(answer.text.as_bytes() == &whole[first..=end], "{round} {range}");
            let expected = format!("bytes {first}-{end}/{}", whole.len());
            assert_eq!(answer.header("content-range"), expected, "{round}");
            assert_eq!(answer.header("content-type"), "video/mp2t");
        }
        let beyond = world.get(PATH, &[("range", "bytes=999999999-")]).await;
        assert_eq!(beyond.status.as_u16(), 416, "{round}");
    }
    // A range that nginx sees first.
    store(&world.server, MISSING, &whole).await;
    let path = PATH.replace(NAME, MISSING);
    let answer = world.get(&path, &[("range", "bytes=188-375")]).await.is(206);
    assert!(answer.text.as_bytes() == &whole[188..376]);
}

#[tokio::test]
async fn however_many_ask_for_a_segment_the_bucket_is_asked_once() {
    let world = World::with("proxy").await;
    let viewers = (0..200).map(|viewer| {
        let api = world.stack.api();
        let path = if viewer % 2 == 0 { PATH } else { WITH_TOKEN };
        tokio::spawn(async move { api.get(path).await.is(200).text.into_bytes() == media() })
    });
    let viewers: Vec<_> = viewers.collect();
    for viewer in viewers {
        assert!(viewer.await.unwrap());
    }
    assert_eq!(world.asked().len(), 1, "{:?}", world.asked());
}

#[tokio::test]
async fn what_the_bucket_is_asked_tells_it_nothing_of_the_player() {
    let world = World::with("proxy").await;
    let told = [
        ("cookie", "sluice_login=secret"),
        ("authorization", "Bearer secret"),
        ("x-sluice-nginx", "somebody"),
        ("x-forwarded-for", "203.0.113.7"),
    ];
    // The bucket refuses whoever signs twice.
    world.get(WITH_TOKEN, &told).await.is(200);
    let asked = world.asked();
    assert!(
        asked.len() == 1 && asked[0].path.starts_with("/media/stage/20261120/"),
        "{asked:?}"
    );
    assert!(!asked[0].path.contains("~a.B_c-9"));
}

#[tokio::test]
async fn where_nginx_fetches_from_is_closed_to_everybody_else() {
    let world = World::with("proxy").await;
    let object = format!("/media/stage/20261120/{NAME}.ts");
    for place in ["/-/stored", "/-/passed"] {
        world.get(&format!("{place}{object}"), &[]).await.is(404);
    }
}

#[tokio::test]
async fn on_a_disk_that_is_nearly_full_nothing_of_what_is_fetched_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_disk) = Disk::mount(&dir.path().join("data/archive"), 64) else {
        return;
    };
    let data = dir.path().join("data").display().to_string();
    let world = World::built(|builder| builder.env("DATA_DIR", data)).await;
    let whole = media();
    for round in 1..=2 {
        let answer = world.get(PATH, &[]).await.is(200);
        assert!(answer.text.as_bytes() == whole);
        assert_eq!(answer.header("content-type"), "video/mp2t");
        assert_eq!(answer.count("cache-control"), 1);
        assert_eq!(world.asked().len(), round, "the bucket is asked each time");
    }
    let range = world.get(PATH, &[("range", "bytes=188-375")]).await.is(206);
    assert!(range.text.as_bytes() == &whole[188..376]);
    assert_eq!(range.header("content-range"), format!("bytes 188-375/{}", whole.len()));
    let head = world.answer(Method::HEAD, PATH, &[]).await;
    assert_eq!(head.headers()["content-length"], whole.len().to_string().as_str());
    let beyond = world.get(PATH, &[("range", "bytes=999999999-")]).await;
    assert_eq!(beyond.status.as_u16(), 416);
    let missing = world.get(&PATH.replace(NAME, MISSING), &[]).await.is(404);
    assert_eq!(missing.problem().code, "not_found");
    let cache = world.stack.config().nginx_dir().join("cache");
    let kept = std::fs::read_dir(cache).unwrap().count();
    assert_eq!(kept, 0, "files in nginx's cache");
}
