//! `SEGMENT_DELIVERY=redirect` and `direct`: players are sent to the bucket.

use reqwest::Method;
use sluice_testkit::api::Answer;

use crate::world::{PATH, WITH_TOKEN, World, answer, location, media};

#[tokio::test]
async fn a_player_is_sent_to_an_address_that_is_good_for_longer_than_the_answer_is_kept() {
    let world = World::with("redirect").await;
    for (api, path) in [
        (world.stack.api(), PATH),
        (world.stack.api(), WITH_TOKEN),
        (world.stack.backend_api(), PATH),
        (world.stack.backend_api(), WITH_TOKEN),
    ] {
        let sent = answer(&api, Method::GET, path, &[]).await;
        assert_eq!(sent.status(), 302);
        let header = |name: &str| {
            let values: Vec<_> = sent.headers().get_all(name).iter().collect();
            assert_eq!(values.len(), 1, "{name}");
            values[0].to_str().unwrap().to_owned()
        };
        assert_eq!(header("cache-control"), "public, max-age=300");
        assert_eq!(header("access-control-allow-origin"), "*");
        let address = location(&sent);
        let holds = address
            .split("X-Amz-Expires=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap();
        // It may have been signed as of five minutes ago.
        assert!(holds.parse::<u64>().unwrap() >= 3 * 300 + 300, "{holds}");
        let whole = Answer::of(path, answer(&api, Method::GET, &address, &[]).await)
            .await
            .is(200);
        assert!(whole.text.as_bytes() == media());
        let range = answer(&api, Method::GET, &address, &[("range", "bytes=188-375")]).await;
        assert!(Answer::of(path, range).await.is(206).text.as_bytes() == &media()[188..376]);
    }
}

#[tokio::test]
async fn who_asks_how_long_a_segment_is_is_sent_to_where_that_is_told() {
    let world = World::with("redirect").await;
    let sent = world.answer(Method::HEAD, PATH, &[]).await;
    assert_eq!(sent.status(), 302);
    let told = world.answer(Method::HEAD, &location(&sent), &[]).await;
    assert_eq!(told.status(), 200);
    assert_eq!(told.headers()["content-length"], media().len().to_string().as_str());
}

#[tokio::test]
async fn with_direct_delivery_an_old_address_leads_to_the_public_one() {
    let world = World::built(|builder| {
        builder
            .env("SEGMENT_DELIVERY", "direct")
            .env("S3_PUBLIC_URL", "https://cdn.example.org/media")
    })
    .await;
    for path in [PATH, WITH_TOKEN] {
        let sent = world.answer(Method::GET, path, &[]).await;
        assert_eq!(sent.status(), 302);
        let public = "https://cdn.example.org/media/stage/20261120/20261120-235900-00000042.ts";
        assert_eq!(location(&sent), public);
    }
}

#[tokio::test]
async fn the_sites_policy_lets_the_player_follow() {
    let world = World::with("redirect").await;
    let page = world.get("/", &[]).await.is(200);
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains(&format!("connect-src 'self' {};", world.front.endpoint())),
        "{policy}"
    );
}
