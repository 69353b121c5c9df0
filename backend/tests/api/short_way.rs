//! What players and the media server ask most goes past the router, and nobody can tell.

use reqwest::{Method, RequestBuilder};

use sluice_backend::http::LARGEST_BODY;

use crate::growing::{PART, RATE, Show, parts};

/// Everything of an answer that does not change from one to the next.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

async fn seen(show: &Show, method: Method, path: &str) -> Seen {
    answered(show.app.api().request(method, path)).await
}

async fn answered(request: RequestBuilder) -> Seen {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let id = answer.headers().get("x-request-id").cloned();
    let id = id.map_or_else(|| "ID".to_owned(), |id| id.to_str().unwrap().to_owned());
    let headers = answer.headers().iter().filter(|(name, _)| *name != "date");
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().replace(&id, "ID")))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).replace(&id, "ID");
    Seen { status, headers, body }
}

#[tokio::test]
async fn an_answer_is_the_same_on_the_short_way_and_through_the_router() {
    let mut show = Show::watched(2 * RATE).await;
    show.writes(PART);
    let playlist = show.has("#EXT-X-PART:").await;
    let part = format!("stage/{}", parts(&playlist).last().unwrap());
    for address in [
        "stage/live.m3u8",
        "stage/live.m3u8?_HLS_skip=YES",
        "stage/live.m3u8?_HLS_part=1",
        "stage/live.m3u8?_HLS_msn=999",
        "stage/dvr.m3u8",
        "stage/dvr.m3u8?_HLS_msn=999",
        "nowhere/live.m3u8",
        "st--age_/live.m3u8",
        "stage/parts/none.ts",
        part.as_str(),
    ] {
        // With its first letter as an escape, an address is not plain.
        let (first, rest) = address.split_at(1);
        let escaped = format!("%{:02X}{rest}", first.as_bytes()[0]);
        for (method, below) in [
            (Method::GET, "/live"),
            (Method::GET, "/live/~token"),
            (Method::HEAD, "/live"),
            (Method::POST, "/live"),
        ] {
            let short = seen(&show, method.clone(), &format!("{below}/{address}")).await;
            let routed = seen(&show, method.clone(), &format!("{below}/{escaped}")).await;
            assert_eq!(short, routed, "{method} {below}/{address}");
        }
    }
}

#[tokio::test]
async fn a_hook_is_answered_the_same_on_the_short_way_and_through_the_router() {
    let show = Show::begin().await;
    let too_large = "x".repeat(LARGEST_BODY + 1);
    for hook in ["publish", "update", "done", "publish_done", "play", "nonsense"] {
        for form in ["", "app=live&clientid=77&name=nobody", &too_large] {
            for address in ["127.0.0.1", "192.0.2.7"] {
                let post = |path: String| {
                    let request = show.app.api().request(Method::POST, &path);
                    request.header("x-forwarded-for", address).body(form.to_owned())
                };
                let short = answered(post(format!("/hooks/{hook}"))).await;
                let (first, rest) = hook.split_at(1);
                let escaped = format!("/hooks/%{:02X}{rest}", first.as_bytes()[0]);
                let routed = answered(post(escaped)).await;
                assert_eq!(short, routed, "{hook} from {address}, {} bytes", form.len());
            }
        }
    }
}
