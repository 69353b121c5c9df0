//! What players ask of `live.m3u8` by `_HLS_msn`, `_HLS_part` and `_HLS_skip` (draft-pantos-hls-rfc8216bis-22, 6.2.5).

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use sluice_testkit::wait_for;
use tokio::time::timeout;

use crate::growing::{BOUND, PART, RATE, Show, hint, next_msn, parts};

/// Two seconds.
const SEGMENT: u64 = 2 * RATE;

#[tokio::test]
async fn a_wrong_directive_is_refused_with_a_code_and_a_sentence_that_helps() {
    let mut show = Show::watched(SEGMENT).await;
    show.writes(2 * PART);
    let next = next_msn(&show.has("#EXT-X-PART:").await);
    for (query, code, sentence) in [
        (
            "_HLS_msn=soon".to_owned(),
            "invalid_directive",
            "_HLS_msn is a decimal number",
        ),
        (
            "_HLS_msn=".to_owned(),
            "invalid_directive",
            "_HLS_msn is a decimal number",
        ),
        (
            "_HLS_msn=-1".to_owned(),
            "invalid_directive",
            "_HLS_msn is a decimal number",
        ),
        (
            format!("_HLS_msn={next}&_HLS_part=x"),
            "invalid_directive",
            "_HLS_part is a decimal number",
        ),
        (
            "_HLS_part=0".to_owned(),
            "invalid_directive",
            "_HLS_part needs _HLS_msn",
        ),
        (
            "_HLS_skip=PLEASE".to_owned(),
            "invalid_directive",
            "_HLS_skip is YES or v2",
        ),
        (
            "_HLS_msn=1&_HLS_msn=1".to_owned(),
            "invalid_directive",
            "_HLS_msn is given more than once",
        ),
        (format!("_HLS_msn={}", next + 2), "too_far_ahead", "too far ahead"),
        (
            format!("_HLS_msn={next}&_HLS_part=12"),
            "too_far_ahead",
            "too far ahead",
        ),
        (format!("_HLS_msn={}", u64::MAX), "too_far_ahead", "too far ahead"),
        (
            "_HLS_msn=123456789012345678901234567890".to_owned(),
            "too_far_ahead",
            "too far ahead",
        ),
    ] {
        let answer = show.asks(&format!("?{query}")).await.is(400);
        let problem = answer.problem();
        assert_eq!(problem.code, code, "{query}");
        assert!(problem.detail.contains(sentence), "{query}: {}", problem.detail);
        assert_eq!(answer.header("cache-control"), "no-store", "{query}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{query}");
    }
}

#[tokio::test]
async fn what_is_there_already_is_answered_at_once() {
    let mut show = Show::watched(SEGMENT).await;
    show.writes(2 * PART);
    let next = next_msn(&show.has("#EXT-X-PART:").await);
    for query in [
        "?_HLS_msn=0".to_owned(),
        format!("?_HLS_msn={}", next - 1),
        format!("?_HLS_msn={next}&_HLS_part=0"),
        "?_HLS_push=0&whatever".to_owned(),
    ] {
        show.asks(&query).await.is(200);
    }
    assert_eq!(show.channel().await.waiting(), 0);
}

#[tokio::test]
async fn a_request_for_the_next_part_is_held_until_the_part_is_listed() {
    let mut show = Show::watched(SEGMENT).await;
    show.writes(PART);
    let before = show.has("#EXT-X-PART:").await;
    let listed = parts(&before).len();
    let held = show.asks_later(&format!("?_HLS_msn={}&_HLS_part=1", next_msn(&before)));
    show.has_waiting(1).await;
    show.writes(PART - 1);
    // Another reading of the file finds no part, so nobody is let go.
    assert_eq!(parts(&show.asks("").await.text).len(), listed);
    assert!(!held.is_finished());
    show.writes(1);
    let after = held.await.unwrap().is(200).text;
    assert_eq!(parts(&after).len(), listed + 1);
    assert_eq!(
        parts(&after).last(),
        Some(&hint(&before)),
        "the part is the one that was hinted"
    );
    show.has_waiting(0).await;
}

#[tokio::test]
async fn a_request_is_held_across_the_end_of_a_segment() {
    let mut show = Show::watched(SEGMENT).await;
    show.writes(PART);
    let before = show.has("#EXT-X-PART:").await;
    let next = next_msn(&before);
    // Part 6 of a segment of six is the first of the one after it.
    let past_the_end = show.asks_later(&format!("?_HLS_msn={next}&_HLS_part=6"));
    let whole = show.asks_later(&format!("?_HLS_msn={next}"));
    let one_ahead = show.asks_later(&format!("?_HLS_msn={}&_HLS_part=0", next + 1));
    show.has_waiting(3).await;
    show.writes(SEGMENT - PART);
    show.closes_segment();
    let whole = whole.await.unwrap().is(200).text;
    assert_eq!(next_msn(&whole), next + 1);
    show.has_waiting(2).await;
    show.writes(PART);
    for held in [past_the_end, one_ahead] {
        let answer = held.await.unwrap().is(200).text;
        assert_eq!(next_msn(&answer), next + 1);
        let rest = answer.rsplit("#EXTINF:").next().unwrap();
        assert_eq!(parts(rest).len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn many_who_wait_are_all_answered_with_the_same_playlist() {
    let mut show = Show::watched(SEGMENT).await;
    show.writes(PART);
    let next = next_msn(&show.has("#EXT-X-PART:").await);
    let query = format!("?_HLS_msn={next}&_HLS_part=1");
    let held: Vec<_> = (0..100).map(|_| show.asks_later(&query)).collect();
    show.has_waiting(100).await;
    show.writes(PART);
    let mut tags = Vec::new();
    for held in held {
        tags.push(held.await.unwrap().is(200).header("etag").to_owned());
    }
    tags.dedup();
    assert_eq!(tags.len(), 1, "{tags:?}");
}

#[tokio::test]
async fn what_does_not_come_in_three_target_durations_is_not_waited_for_longer() {
    let show = Show::watched(SEGMENT).await;
    let next = next_msn(&show.has("#EXTINF:").await);
    let answer = timeout(BOUND, show.asks(&format!("?_HLS_msn={next}")))
        .await
        .unwrap()
        .is(503);
    assert_eq!(answer.problem().code, "not_yet");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn who_waits_when_the_show_ends_is_told_so_and_nobody_waits_after_it() {
    // A long segment makes for a long patience: longer than it takes until the end is believed.
    let show = Show::watched(6 * RATE).await;
    let next = next_msn(&show.has("#EXTINF:").await);
    let held = show.asks_later(&format!("?_HLS_msn={}", next + 1));
    show.has_waiting(1).await;
    show.ends().await;
    let answer = timeout(BOUND, held).await.unwrap().unwrap().is(200);
    assert!(answer.text.ends_with("#EXT-X-ENDLIST\n"), "{}", answer.text);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=5",
        "the next show will be here"
    );
    for query in ["?_HLS_msn=999", "?_HLS_part=0", "?_HLS_msn=x", "?_HLS_skip=YES"] {
        assert_eq!(show.asks(query).await.is(200).text, answer.text, "{query}");
    }
}

#[tokio::test]
async fn who_waits_when_the_channel_is_deleted_is_told_that_nothing_comes() {
    let show = Show::watched(6 * RATE).await;
    let next = next_msn(&show.has("#EXTINF:").await);
    let held = show.asks_later(&format!("?_HLS_msn={next}"));
    show.has_waiting(1).await;
    show.owner.delete("/api/v1/channels/stage").await.is(204);
    let answer = timeout(BOUND, held).await.unwrap().unwrap().is(200);
    assert!(answer.text.ends_with("#EXT-X-ENDLIST\n"), "{}", answer.text);
    show.asks("").await.is(404);
}

#[tokio::test]
async fn a_backend_that_stops_lets_everybody_go_at_once() {
    // Nothing else would let them go for a minute.
    let mut show = Show::watched(20 * RATE).await;
    let playlist = show.has("#EXTINF:").await;
    let held = show.asks_later(&format!("?_HLS_msn={}", next_msn(&playlist)));
    let (api, hinted) = (show.app.api(), format!("/live/stage/{}", hint(&playlist)));
    let part = tokio::spawn(async move { api.get(&hinted).await });
    show.has_waiting(2).await;
    show.app.stop();
    for held in [held, part] {
        let answer = timeout(Duration::from_secs(30), held).await.expect("at once").unwrap();
        assert_eq!(answer.is(503).problem().code, "not_yet");
    }
}

#[tokio::test]
async fn a_player_that_hangs_up_is_not_waited_for() {
    let show = Show::watched(20 * RATE).await;
    let next = next_msn(&show.has("#EXTINF:").await);
    let address = show.app.base().strip_prefix("http://").unwrap();
    let mut player = TcpStream::connect(address).unwrap();
    write!(
        player,
        "GET /live/stage/live.m3u8?_HLS_msn={next} HTTP/1.1\r\nHost: stage\r\n\r\n"
    )
    .unwrap();
    show.has_waiting(1).await;
    drop(player);
    show.has_waiting(0).await;
}

#[tokio::test]
async fn who_waits_is_a_viewer_and_makes_the_series_of_those_who_wait() {
    let show = Show::watched(6 * RATE).await;
    let next = next_msn(&show.has("#EXTINF:").await);
    let request = show
        .app
        .api()
        .request(reqwest::Method::GET, &format!("/live/stage/live.m3u8?_HLS_msn={next}"));
    let held = tokio::spawn(request.header("user-agent", "another player").send());
    show.has_waiting(1).await;
    assert_eq!(show.owner.show("stage").await["viewers"], 2);
    assert_eq!(show.app.state().live.waiting_count(), 1);
    held.abort();
}

#[tokio::test]
async fn a_player_on_another_site_may_read_how_old_a_playlist_is() {
    let show = Show::watched(SEGMENT).await;
    let answer = show.asks("").await.is(200);
    assert!(answer.header("access-control-expose-headers").starts_with("Age, "));
}

#[tokio::test]
async fn a_held_answer_may_be_kept_and_the_others_only_for_a_moment() {
    let mut show = Show::watched(SEGMENT).await;
    show.writes(PART);
    let next = next_msn(&show.has("#EXT-X-PART:").await);
    let cached = async |query: &str| show.asks(query).await.is(200).header("cache-control").to_owned();
    assert_eq!(cached("").await, "public, max-age=1");
    assert_eq!(cached("?_HLS_skip=YES").await, "public, max-age=1");
    let reached = format!("?_HLS_msn={next}&_HLS_part=0");
    assert_eq!(cached(&reached).await, "public, max-age=12", "six target durations");
}

#[tokio::test]
async fn a_delta_update_leaves_out_old_segments_and_is_for_those_who_ask_for_it() {
    let mut show = Show::begin().await;
    for _ in 0..9 {
        show.writes(SEGMENT);
        show.closes_segment();
    }
    let full = wait_for(BOUND, "nine segments", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 9).then_some(text)
    })
    .await;
    let mut tags = vec![show.asks("").await.header("etag").to_owned()];
    for query in ["?_HLS_skip=YES", "?_HLS_skip=v2"] {
        let delta = show.asks(query).await.is(200);
        assert!(delta.text.contains("#EXT-X-VERSION:9\n"), "{}", delta.text);
        assert!(
            delta.text.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n"),
            "{}",
            delta.text
        );
        let (_, kept) = delta.text.split_once("SKIPPED-SEGMENTS=3\n").unwrap();
        assert!(full.ends_with(kept), "{full}\nends otherwise than\n{kept}");
        tags.push(delta.header("etag").to_owned());
    }
    assert_eq!(tags[1], tags[2]);
    assert_ne!(tags[0], tags[1], "another text, another tag");
    let request = show
        .app
        .api()
        .request(reqwest::Method::GET, "/live/stage/live.m3u8?_HLS_skip=YES");
    let known = request.header("if-none-match", &tags[1]).send().await.unwrap();
    assert_eq!(known.status(), 304);
}

#[tokio::test]
async fn an_answer_comes_in_gzip_for_those_who_take_it() {
    let show = Show::watched(SEGMENT).await;
    show.has("#EXTINF:").await;
    let request = show
        .app
        .api()
        .request(reqwest::Method::GET, "/live/stage/live.m3u8?_HLS_skip=YES&_HLS_msn=0");
    let answer = request.header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert_eq!(answer.headers()["vary"], "Accept-Encoding");
    assert!(answer.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
}
