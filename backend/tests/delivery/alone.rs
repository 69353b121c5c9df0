//! The backend without nginx in front of it: it fetches by itself.

use reqwest::Method;
use sluice_testkit::api::Answer;
use sluice_testkit::s3::Trouble;

use crate::world::{MISSING, NAME, PATH, WITH_TOKEN, World, answer, media};

#[tokio::test]
async fn a_player_that_asks_the_backend_itself_gets_the_segment_and_no_address_of_it() {
    let world = World::with("proxy").await;
    let api = world.stack.backend_api();
    for (path, headers) in [
        (PATH, &[][..]),
        (WITH_TOKEN, &[]),
        (PATH, &[("x-sluice-nginx", "0123456789abcdef")]),
    ] {
        let got = Answer::of(path, answer(&api, Method::GET, path, headers).await)
            .await
            .is(200);
        assert!(got.text.as_bytes() == media());
        assert_eq!(got.header("content-type"), "video/mp2t");
        assert_eq!(got.header("cache-control"), "public, max-age=86400, immutable");
        assert_eq!(got.header("content-length"), media().len().to_string());
        assert_eq!(got.count("x-accel-redirect"), 0);
    }
}

#[tokio::test]
async fn ranges_and_heads_are_answered_without_nginx_too() {
    let world = World::with("proxy").await;
    let (api, whole, last) = (world.stack.backend_api(), media(), media().len() - 1);
    let head = answer(&api, Method::HEAD, PATH, &[]).await;
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], whole.len().to_string().as_str());
    for (range, first, end) in [
        ("bytes=0-187", 0, 187),
        ("bytes=375000-", 375_000, last),
        ("bytes=-188", last - 187, last),
        ("bytes=188-99999999", 188, last),
    ] {
        let got = Answer::of(range, answer(&api, Method::GET, PATH, &[("range", range)]).await)
            .await
            .is(206);
        assert!(got.text.as_bytes() == &whole[first..=end], "{range}");
        assert_eq!(
            got.header("content-range"),
            format!("bytes {first}-{end}/{}", whole.len())
        );
    }
    let beyond = answer(&api, Method::GET, PATH, &[("range", "bytes=999999999-")]).await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(
        beyond.headers()["content-range"],
        format!("bytes */{}", whole.len()).as_str()
    );
    let whole_again = answer(&api, Method::GET, PATH, &[("range", "bytes=0-1,5-6")]).await;
    assert_eq!(whole_again.status(), 200);
}

#[tokio::test]
async fn a_segment_that_breaks_off_breaks_off_for_the_player_as_well() {
    let world = World::with("proxy").await;
    let api = world.stack.backend_api();
    world.plan(|_| Some(Trouble::Truncated));
    let got = answer(&api, Method::GET, PATH, &[]).await;
    assert!(got.status() != 200 || got.bytes().await.is_err());
    world.plan(|_| Some(Trouble::Silent));
    let problem = Answer::of(PATH, answer(&api, Method::GET, PATH, &[]).await)
        .await
        .is(503)
        .problem();
    assert_eq!(problem.code, "unavailable");
    world.plan(|_| None);
    api.get(&PATH.replace(NAME, MISSING)).await.is(404);
}
