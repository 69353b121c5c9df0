//! Parts of segments that are being written (draft-pantos-hls-rfc8216bis-22, 6.2.6).

use reqwest::Method;
use sluice_testkit::wait_for;
use tokio::time::timeout;

use crate::growing::{BOUND, PART, RATE, Show, hint, parts};

/// One packet; and a part's tables.
const PACKET: usize = 188;
const TABLES: usize = 2 * PACKET;

impl Show {
    async fn part(&self, uri: &str) -> reqwest::Response {
        self.request(Method::GET, uri).await
    }

    async fn request(&self, method: Method, uri: &str) -> reqwest::Response {
        let request = self.app.api().request(method, &format!("/live/stage/{uri}"));
        request.send().await.unwrap()
    }

    async fn media(&self, uri: &str) -> Vec<u8> {
        let answer = self.part(uri).await;
        assert_eq!(answer.status(), 200, "{uri}");
        answer.bytes().await.unwrap().to_vec()
    }
}

#[tokio::test]
async fn the_parts_of_a_segment_are_the_segment_and_each_begins_with_the_tables() {
    let mut show = Show::watched(2 * RATE).await;
    show.writes(2 * RATE);
    show.closes_segment();
    let playlist = wait_for(BOUND, "two closed segments", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 2).then_some(text)
    })
    .await;
    let (_, newest) = playlist.split_once("segments/").unwrap();
    let (listed, segment) = (
        parts(newest),
        newest.lines().find(|line| line.starts_with("segments/")).unwrap(),
    );
    assert_eq!(listed.len(), 6, "{playlist}");
    let whole = show.media(segment).await;
    let mut joined = Vec::new();
    for (at, part) in listed.iter().enumerate() {
        let media = show.media(part).await;
        assert_eq!(media[..TABLES], whole[..TABLES], "{part}");
        joined.extend_from_slice(if at == 0 { &media } else { &media[TABLES..] });
    }
    assert_eq!(joined, whole);
}

#[tokio::test]
async fn the_hinted_part_is_waited_for_and_comes_whole() {
    let mut show = Show::watched(2 * RATE).await;
    show.writes(PART);
    let playlist = show.has("#EXT-X-PART:").await;
    let (api, hinted) = (show.app.api(), format!("/live/stage/{}", hint(&playlist)));
    let asked: Vec<_> = (0..20)
        .map(|_| tokio::spawn(api.request(Method::GET, &hinted).send()))
        .collect();
    show.has_waiting(20).await;
    show.writes(PART - 1);
    show.writes(1);
    for asked in asked {
        let media = asked
            .await
            .unwrap()
            .unwrap()
            .error_for_status()
            .unwrap()
            .bytes()
            .await
            .unwrap();
        assert_eq!(media.len(), TABLES + usize::try_from(PART).unwrap() * PACKET);
    }
}

#[tokio::test]
async fn a_part_that_never_was_is_not_found_at_once() {
    let mut show = Show::watched(20 * RATE).await;
    show.writes(PART);
    let playlist = show.has("#EXT-X-PART:").await;
    let (run, number) = hint(&playlist).strip_suffix(".ts").unwrap().rsplit_once('-').unwrap();
    let after_next = number.parse::<u64>().unwrap() + 1;
    for uri in [
        format!("{run}-{after_next}.ts"),
        format!("{run}-0{number}.ts"),
        format!("{run}-.ts"),
        "parts/0-0.ts".to_owned(),
        "parts/x.ts".to_owned(),
        "parts/%2e%2e%2fsegments.ts".to_owned(),
    ] {
        let answer = timeout(BOUND, show.part(&uri)).await.expect("at once");
        assert_eq!(answer.status(), 404, "{uri}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{uri}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{uri}");
    }
    let elsewhere = show.app.api().get(&format!("/live/nowhere/{run}-{number}.ts")).await;
    assert_eq!(elsewhere.is(404).problem().code, "not_found");
}

#[tokio::test]
async fn a_part_can_be_kept_and_asked_for_without_its_body() {
    let mut show = Show::watched(2 * RATE).await;
    show.writes(PART);
    let playlist = show.has("#EXT-X-PART:").await;
    let part = *parts(&playlist).last().unwrap();
    let whole = show.part(part).await;
    assert_eq!(whole.headers()["content-type"], "video/mp2t");
    assert_eq!(whole.headers()["cache-control"], "public, max-age=600, immutable");
    assert_eq!(whole.headers()["access-control-allow-origin"], "*");
    let exposed = whole.headers()["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("Age") && exposed.contains("Date"), "{exposed}");
    let head = show.request(Method::HEAD, part).await;
    assert_eq!(head.headers()["content-length"], whole.headers()["content-length"]);
    assert_eq!(head.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_hinted_part_that_is_not_made_because_the_show_ends_is_not_found() {
    let mut show = Show::watched(20 * RATE).await;
    show.writes(PART);
    let playlist = show.has("#EXT-X-PART:").await;
    let (api, hinted) = (show.app.api(), format!("/live/stage/{}", hint(&playlist)));
    let asked = tokio::spawn(async move { api.get(&hinted).await });
    show.has_waiting(1).await;
    show.ends().await;
    timeout(BOUND, asked).await.unwrap().unwrap().is(404);
}

#[tokio::test]
async fn parts_go_on_working_while_they_are_listed_though_the_segment_is_closed() {
    let mut show = Show::watched(2 * RATE).await;
    show.writes(PART);
    let playlist = show.has("#EXT-X-PART:").await;
    let first = *parts(&playlist).last().unwrap();
    let before = show.media(first).await;
    show.writes(2 * RATE - PART);
    show.closes_segment();
    wait_for(BOUND, "the closing of the segment", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 2).then_some(())
    })
    .await;
    assert_eq!(show.media(first).await, before);
}
