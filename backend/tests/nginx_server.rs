//! What the public server promises, asked of the real nginx in front of the real backend.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // A test states what it expects by panicking.

use std::fs;

use reqwest::Method;
use serde_json::json;
use sluice_testkit::{Api, Stack, api::Answer};

const SEGMENT: &str = "20261120-235900-00000042.ts";
/// What only a log could have: it stands in no answer and no file.
const SECRET: &str = "sk_abcdefghijklmnopqrstuvwxyz012345";

async fn ask(api: &Api, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(api.request(method, path), |request, (name, value)| {
            request.header(*name, *value)
        });
    Answer::of(path, request.send().await.unwrap()).await
}

fn keep_segment(stack: &Stack, slug: &str) {
    let dir = stack.config().archive_dir().join(slug).join("20261120");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(SEGMENT), vec![0x47; 188]).unwrap();
}

#[tokio::test]
async fn two_stacks_run_beside_each_other() {
    let (one, other) = (Stack::start().await, Stack::start().await);
    one.api().signed_up("ada").await.channel("stage-one").await;
    other.api().get("/api/v1/channels/stage-one").await.is(404);
}

#[tokio::test]
async fn a_segment_comes_from_the_archive_with_or_without_a_viewers_token() {
    let stack = Stack::start().await;
    let api = stack.api();
    keep_segment(&stack, "stage");
    for path in [
        format!("/live/stage/segments/{SEGMENT}"),
        format!("/live/~a.B_c-9/stage/segments/{SEGMENT}"),
    ] {
        let answer = api.get(&path).await.is(200);
        assert_eq!(answer.text.len(), 188);
        assert_eq!(answer.header("content-type"), "video/mp2t");
        assert_eq!(answer.header("cache-control"), "public, max-age=86400, immutable");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("access-control-expose-headers").contains("Age"));
    }
    let part = ask(
        &api,
        Method::GET,
        &format!("/live/stage/segments/{SEGMENT}"),
        &[("range", "bytes=0-46")],
    )
    .await;
    assert_eq!(part.is(206).text.len(), 47);
    for missing in [
        "20261120-235900-00000043.ts",
        "..%2f..%2fstage.ts",
        "20261121-235900-00000042.ts",
    ] {
        let answer = api.get(&format!("/live/stage/segments/{missing}")).await.is(404);
        assert!(!answer.header("cache-control").contains("immutable"), "{missing}");
    }
}

#[tokio::test]
async fn any_site_may_fetch_a_stream_and_no_site_the_api() {
    let stack = Stack::start().await;
    let api = stack.api();
    let from_afar = [
        ("origin", "https://elsewhere.example"),
        ("access-control-request-method", "GET"),
    ];
    for path in [
        "/live/stage/live.m3u8",
        "/live/stage/segments/20261120-235900-00000042.ts",
    ] {
        let answer = ask(&api, Method::OPTIONS, path, &from_afar).await.is(204);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(
            answer.header("access-control-allow-headers").contains("Range"),
            "{path}"
        );
    }
    let answer = ask(&api, Method::GET, "/live/stage/live.m3u8", &from_afar)
        .await
        .is(404);
    assert_eq!(answer.count("access-control-allow-origin"), 1);
    let answer = ask(&api, Method::GET, "/api/v1/site", &from_afar).await.is(200);
    assert_eq!(answer.count("access-control-allow-origin"), 0);
}

#[tokio::test]
async fn pages_are_fresh_assets_are_for_ever_and_each_carries_the_sites_policy_once() {
    let stack = Stack::start().await;
    let assets = stack.config().frontend_dir.join("assets");
    fs::create_dir_all(&assets).unwrap();
    fs::write(assets.join("app-1a2b3c.js"), "let on_air = true;\n".repeat(100)).unwrap();
    let api = stack.api();
    for (path, cache) in [
        ("/", "no-cache"),
        ("/watch/stage", "no-cache"),
        ("/assets/app-1a2b3c.js", "public, max-age=31536000, immutable"),
        ("/api/v1/site", ""),
    ] {
        let answer = ask(&api, Method::GET, path, &[("accept-encoding", "gzip")])
            .await
            .is(200);
        if !cache.is_empty() {
            assert_eq!(answer.header("cache-control"), cache, "{path}");
        }
        for header in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
            assert_eq!(answer.count(header), 1, "{path}: {header}");
        }
    }
    let script = ask(
        &api,
        Method::GET,
        "/assets/app-1a2b3c.js",
        &[("accept-encoding", "gzip")],
    )
    .await;
    assert_eq!(script.header("content-encoding"), "gzip");
    api.get("/assets/app-gone.js").await.is(404);
}

#[tokio::test]
async fn hooks_and_metrics_are_for_this_machine_alone() {
    let stack = Stack::start().await;
    let api = stack.api();
    for path in ["/metrics", "/hooks/publish", "/hooks/update"] {
        // A proxy on this machine says that it speaks for somebody else.
        let answer = ask(&api, Method::GET, path, &[("x-forwarded-for", "203.0.113.7")]).await;
        assert_eq!(answer.status.as_u16(), 403, "{path}");
    }
    api.get("/metrics").await.is(200);
}

#[tokio::test]
async fn while_the_backend_is_away_shows_go_on_and_the_api_says_so() {
    let mut stack = Stack::start().await;
    stack.kill_backend();
    let api = stack.api();
    let problem = api.get("/api/v1/site").await.is(503).problem();
    assert_eq!(problem.code, "unavailable");
    api.get("/").await.is(200);
    api.post("/hooks/update", json!({})).await.is(204);
    let refused = api.post("/hooks/publish", json!({})).await;
    assert!(refused.status.is_server_error(), "{}", refused.status);
    stack.start_backend().await;
    api.get("/api/v1/site").await.is(200);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_the_apis_words() {
    let stack = Stack::start().await;
    let answer = stack.api().post("/api/v1/accounts", json!("x".repeat(300_000))).await;
    assert_eq!(answer.is(413).problem().code, "payload_too_large");
}

#[tokio::test]
async fn no_key_and_no_token_reaches_a_log() {
    let mut stack = Stack::start().await;
    let api = stack.api();
    let mut refused = stack.publish(&format!("{SECRET}?token={SECRET}"));
    refused.thrown_out(std::time::Duration::from_secs(30)).await;
    let paths = [
        format!("/reset?token={SECRET}"),
        format!("/live/~{SECRET}/stage/live.m3u8?x={SECRET}"),
        format!("/live/~{SECRET}/stage/segments/{SEGMENT}"),
        format!("/live/~{SECRET}/stage/dvr.m3u8"),
        format!("/live/%7E{SECRET}/stage/shows/1.m3u8"),
        format!("/hooks/publish?call=publish&name={SECRET}"),
    ];
    for path in &paths {
        let _ = api.get(path).await;
    }
    stack.kill_backend();
    for path in &paths {
        let _ = api.get(path).await;
    }
    stack.stop_nginx();
    for file in stack.files() {
        let bytes = fs::read(&file).unwrap();
        let found = bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!found, "in {}", file.display());
    }
}
