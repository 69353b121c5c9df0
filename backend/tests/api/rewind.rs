//! `dvr.m3u8`: all that a channel can be rewound to.

use sluice_backend::clock;
use sluice_domain::Millis;
use sluice_testkit::api::Answer;
use sluice_testkit::{Api, App, pair, wait_for};

use crate::growing::{BOUND, RATE, Show, next_msn};
use crate::past::{LENGTH_MS, Session, name, record};

const DVR: &str = "/live/stage/dvr.m3u8";
/// Two seconds.
const SEGMENT: u64 = 2 * RATE;

fn ago(seconds: i64) -> Millis {
    // Whole seconds are easier to read back.
    Millis((clock::now().0 / 1000 - seconds) * 1000)
}

/// A channel `stage` that is off air, with sessions behind it.
async fn off_air(sessions: &[Session]) -> (App, String) {
    off_air_with::<&str>([], sessions).await
}

async fn off_air_with<V: AsRef<str>>(
    env: impl IntoIterator<Item = (&'static str, V)>,
    sessions: &[Session],
) -> (App, String) {
    let app = App::start_with(env).await;
    app.api().signed_up("ada").await.channel("stage").await;
    let id = record(&app, sessions).await;
    (app, id)
}

fn session(first: i64, count: i64, from: Millis, discontinuities: i64) -> Session {
    Session {
        first,
        count,
        from,
        discontinuities,
    }
}

/// Waits until the playlist says so; gives it.
async fn says(api: &Api, text: &str) -> String {
    wait_for(BOUND, text, async || {
        let playlist = api.get(DVR).await;
        (playlist.status == 200 && playlist.text.contains(text)).then_some(playlist.text)
    })
    .await
}

impl Show {
    async fn rewinds(&self, query: &str) -> Answer {
        self.app.api().get(&format!("{DVR}{query}")).await
    }

    /// On air behind a session of 90 segments, with a segment of its own.
    async fn with_a_past(hours: &str) -> Self {
        let app = App::start_with([("DVR_WINDOW_HOURS", hours)]).await;
        let past = session(100, 90, ago(3_000), 7);
        let mut show = Self::begin_behind(app, &[past]).await;
        show.writes(SEGMENT);
        show.closes_segment();
        show.has("#EXTINF:").await;
        show
    }
}

#[tokio::test]
async fn a_channel_of_which_nothing_is_left_says_so() {
    let (app, _) = off_air(&[]).await;
    let answer = app.api().get(DVR).await.is(404);
    assert_eq!(answer.problem().code, "nothing_recorded");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let elsewhere = app.api().get("/live/nowhere/dvr.m3u8").await.is(404);
    assert_eq!(elsewhere.problem().code, "not_found");
    let (app, _) = off_air(&[session(0, 5, ago(90_000), 0)]).await;
    assert_eq!(app.api().get(DVR).await.is(404).problem().code, "nothing_recorded");
}

#[tokio::test]
async fn off_air_the_whole_window_is_listed_across_sessions_and_closed() {
    let (first, second) = (ago(7200), ago(3600));
    let (app, _) = off_air(&[session(40, 3, first, 4), session(43, 2, second, 5)]).await;
    let answer = app.api().get(DVR).await.is(200);
    let at = |from: Millis, n: i64| sluice_backend::http::time::rfc3339(from.plus(Millis(n * LENGTH_MS)));
    let mut expected = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:40\n\
        #EXT-X-DISCONTINUITY-SEQUENCE:4\n"
        .to_owned();
    for (from, n, msn) in [
        (first, 0, 40),
        (first, 1, 41),
        (first, 2, 42),
        (second, 0, 43),
        (second, 1, 44),
    ] {
        let tag = if n == 0 { "#EXT-X-DISCONTINUITY\n" } else { "" };
        let (at, name) = (at(from, n), name(from.plus(Millis(n * LENGTH_MS)), msn));
        expected += &format!("{tag}#EXT-X-PROGRAM-DATE-TIME:{at}\n#EXTINF:6.000,\nsegments/{name}.ts\n");
    }
    assert_eq!(answer.text, expected + "#EXT-X-ENDLIST\n");
    assert_eq!(answer.header("cache-control"), "public, max-age=5");
    assert_eq!(answer.header("content-type"), "application/vnd.apple.mpegurl");
    // What has ended is waited for by nobody, and has no delta update.
    for query in ["?_HLS_msn=99", "?_HLS_skip=YES", "?_HLS_part=1"] {
        assert_eq!(app.api().get(&format!("{DVR}{query}")).await.is(200).text, answer.text);
    }
}

#[tokio::test]
async fn what_is_older_than_the_window_has_left_and_is_counted() {
    let (app, _) = off_air(&[session(0, 10, ago(86_400 + 30), 0), session(10, 5, ago(600), 1)]).await;
    let text = app.api().get(DVR).await.is(200).text;
    let first: u64 = text
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")?.parse().ok())
        .unwrap();
    assert!((5..10).contains(&first), "{text}");
    assert_eq!(next_msn(&text), 15);
    assert!(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"), "{text}");
    assert_eq!(pair::check(&[(0, text)]), []);
}

#[tokio::test]
async fn what_is_missing_for_good_is_a_gap_and_what_is_found_again_is_none() {
    let (app, id) = off_air(&[session(0, 5, ago(600), 0)]).await;
    let offload = app.state().store.offload();
    offload.lost(&id, 2).await.unwrap();
    let text = says(&app.api(), "#EXT-X-GAP").await;
    assert_eq!(text.matches("#EXT-X-GAP\n").count(), 1);
    assert!(text.contains("#EXT-X-GAP\n#EXTINF:6.000,\nsegments/") && text.contains("-00000002.ts"));
    assert_eq!(pair::check(&[(0, text)]), []);
    offload.lost(&id, 3).await.unwrap();
    wait_for(BOUND, "a second gap", async || {
        let text = app.api().get(DVR).await.text;
        (text.matches("#EXT-X-GAP\n").count() == 2).then_some(())
    })
    .await;
    offload.look_again().await.unwrap();
    wait_for(BOUND, "no gap", async || {
        let text = app.api().get(DVR).await.text;
        (!text.contains("#EXT-X-GAP")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn numbers_that_the_index_has_lost_are_gaps_and_a_playlist_does_not_begin_with_one() {
    let (app, _) = off_air(&[session(0, 3, ago(900), 0), session(6, 3, ago(300), 3)]).await;
    let text = app.api().get(DVR).await.is(200).text;
    assert_eq!(
        (text.matches("#EXT-X-GAP\n").count(), next_msn(&text)),
        (3, 9),
        "{text}"
    );
    // Two discontinuities are missing with them.
    assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 4, "{text}");
    let (app, id) = off_air(&[session(0, 5, ago(600), 0)]).await;
    for msn in [0, 1] {
        app.state().store.offload().lost(&id, msn).await.unwrap();
    }
    let text = app.api().get(DVR).await.is(200).text;
    assert!(
        text.contains("#EXT-X-MEDIA-SEQUENCE:2\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n"),
        "{text}"
    );
}

#[tokio::test]
async fn on_air_each_segment_is_added_behind_what_was_there() {
    let mut show = Show::with_a_past("24").await;
    let live = show.asks("").await.text;
    let text = show.rewinds("").await.is(200).text;
    assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:100\n#EXT-X-DISCONTINUITY-SEQUENCE:7\n"));
    assert!(text.contains("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=300.000\n"));
    assert_eq!((next_msn(&text), next_msn(&live)), (191, 191));
    let newest = |text: &str| text.lines().rfind(|line| line.ends_with(".ts")).map(ToOwned::to_owned);
    let closed = live
        .lines()
        .find(|line| line.starts_with("segments/"))
        .map(ToOwned::to_owned);
    assert_eq!(newest(&text), closed, "both playlists call it the same");
    let mut versions = vec![(0, text)];
    for n in 1..5 {
        show.writes(SEGMENT);
        show.closes_segment();
        let held = show.rewinds(&format!("?_HLS_msn={}", 190 + n)).await.is(200);
        assert_eq!(held.header("cache-control"), "public, max-age=36");
        versions.push((n * 2000, held.text));
    }
    show.ends().await;
    versions.push((12_000, says(&show.app.api(), "#EXT-X-ENDLIST").await));
    assert_eq!(next_msn(&versions.last().unwrap().1), 195);
    assert_eq!(pair::check_window(&versions), []);
}

#[tokio::test]
async fn a_player_that_has_a_copy_is_sent_what_is_new() {
    let mut show = Show::with_a_past("24").await;
    let before = show.rewinds("").await.is(200).text;
    show.writes(SEGMENT);
    show.closes_segment();
    let asked = format!("?_HLS_skip=YES&_HLS_msn={}", next_msn(&before));
    let delta = show.rewinds(&asked).await.is(200).text;
    // 300 s are 49 segments of 6 s and two of 2 s; the one that lies across the boundary stays.
    assert!(
        delta.contains("#EXT-X-VERSION:9\n") && delta.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=40\n"),
        "{delta}"
    );
    let full = show.rewinds("").await.text;
    assert_eq!(sluice_testkit::delta::merge(&before, &delta), Ok(full.clone()));
    assert_eq!(show.rewinds("?_HLS_skip=v2").await.is(200).text, delta);
}

#[tokio::test]
async fn after_a_change_far_back_players_are_sent_the_whole_playlist() {
    let show = Show::with_a_past("24").await;
    assert!(show.rewinds("?_HLS_skip=YES").await.text.contains("#EXT-X-SKIP:"));
    let id = record(&show.app, &[]).await;
    show.app.state().store.offload().lost(&id, 110).await.unwrap();
    says(&show.app.api(), "#EXT-X-GAP").await;
    let text = show.rewinds("?_HLS_skip=YES").await.is(200).text;
    assert!(text.contains("#EXT-X-GAP") && !text.contains("#EXT-X-SKIP:"));
}

#[tokio::test]
async fn directives_are_judged_as_those_of_the_live_playlist() {
    let show = Show::with_a_past("24").await;
    for (query, code) in [
        ("?_HLS_msn=x", "invalid_directive"),
        ("?_HLS_part=0", "invalid_directive"),
        ("?_HLS_skip=NO", "invalid_directive"),
        ("?_HLS_msn=193", "too_far_ahead"),
    ] {
        let answer = show.rewinds(query).await.is(400);
        assert_eq!(answer.problem().code, code, "{query}");
    }
    show.rewinds("?_HLS_msn=190").await.is(200);
}

#[tokio::test]
async fn a_request_for_the_next_segment_is_held_and_let_go_when_the_show_ends() {
    let show = Show::with_a_past("24").await;
    show.rewinds("").await.is(200);
    let (api, path) = (show.app.api(), format!("{DVR}?_HLS_msn=191"));
    let held = tokio::spawn(async move { api.get(&path).await });
    let channel = show.channel().await;
    wait_for(BOUND, "a request that waits", async || {
        (channel.dvr.waiting() == 1).then_some(())
    })
    .await;
    show.ends().await;
    assert!(held.await.unwrap().is(200).text.ends_with("#EXT-X-ENDLIST\n"));
}

#[tokio::test]
async fn the_playlist_comes_in_gzip_under_a_tag_and_not_twice() {
    let show = Show::with_a_past("24").await;
    let plain = show.rewinds("").await.is(200);
    let ask = |headers: &[(&str, &str)], method: reqwest::Method| {
        let request = show.app.api().request(method, DVR);
        headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value))
    };
    let gzip = ask(&[("accept-encoding", "gzip")], reqwest::Method::GET)
        .send()
        .await
        .unwrap();
    assert_eq!(gzip.headers()["content-encoding"], "gzip");
    assert_eq!(gzip.headers()["vary"], "Accept-Encoding");
    let tag = gzip.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(tag, plain.header("etag"));
    let zipped = gzip.bytes().await.unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(zipped.as_ref()), &mut text).unwrap();
    assert_eq!(text, plain.text);
    let known = ask(
        &[("accept-encoding", "gzip"), ("if-none-match", &tag)],
        reqwest::Method::GET,
    );
    assert_eq!(known.send().await.unwrap().status(), 304);
    let head = ask(&[("accept-encoding", "gzip")], reqwest::Method::HEAD)
        .send()
        .await
        .unwrap();
    assert_eq!(head.headers()["etag"].to_str().unwrap(), tag);
    assert_eq!(
        head.headers()["content-length"].to_str().unwrap(),
        zipped.len().to_string()
    );
}

#[tokio::test]
async fn many_that_ask_first_are_answered_alike() {
    let (app, _) = off_air(&[session(0, 2_000, ago(20_000), 0)]).await;
    let asked = (0..50).map(|_| {
        let api = app.api();
        tokio::spawn(async move { api.get(DVR).await.is(200).text })
    });
    let mut texts = Vec::new();
    for asked in asked.collect::<Vec<_>>() {
        texts.push(asked.await.unwrap());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
    assert_eq!(next_msn(&texts[0]), 2_000);
}

#[tokio::test]
async fn a_deleted_channel_can_not_be_rewound() {
    let show = Show::with_a_past("24").await;
    show.rewinds("").await.is(200);
    show.owner.delete("/api/v1/channels/stage").await.is(204);
    assert_eq!(show.rewinds("").await.is(404).problem().code, "not_found");
}

#[tokio::test]
async fn the_wall_clock_stands_in_titles_where_that_is_asked_for() {
    let from = ago(600);
    let (app, _) = off_air_with([("EXTINF_WALL_CLOCK", "on")], &[session(0, 2, from, 0)]).await;
    let text = app.api().get(DVR).await.is(200).text;
    let at = sluice_backend::http::time::rfc3339(from);
    assert!(
        text.contains(&format!("#EXT-X-PROGRAM-DATE-TIME:{at}\n#EXTINF:6.000,{at}\n")),
        "{text}"
    );
    assert_eq!(pair::check(&[(0, text)]), []);
}

#[tokio::test]
async fn with_direct_delivery_what_is_stored_is_listed_where_the_bucket_has_it() {
    let from = ago(600);
    let env = [
        ("OBJECT_STORE", "s3"),
        ("S3_BUCKET", "media"),
        ("S3_ACCESS_KEY", "AKIA0123"),
        ("S3_SECRET_KEY", "hunter2"),
        ("S3_PUBLIC_URL", "https://cdn.example.org/media/"),
        ("SEGMENT_DELIVERY", "direct"),
    ];
    let (app, id) = off_air_with(env, &[session(0, 4, from, 0)]).await;
    let offload = app.state().store.offload();
    offload.stored(&id, 0, "x", Millis(1)).await.unwrap();
    let stored = |n: i64| {
        let name = name(from.plus(Millis(n * LENGTH_MS)), n);
        format!(
            "#EXTINF:6.000,\nhttps://cdn.example.org/media/stage/{}/{name}.ts\n",
            &name[..8]
        )
    };
    let text = app.api().get(DVR).await.is(200).text;
    assert!(
        text.contains(&stored(0)) && text.matches("\nsegments/").count() == 3,
        "{text}"
    );
    offload.stored(&id, 1, "x", Millis(1)).await.unwrap();
    says(&app.api(), &stored(1)).await;
    // The bucket has lost it: it is listed where the disk has it.
    offload.missed(&[(&id, 1)]).await.unwrap();
    wait_for(BOUND, "one address in the bucket", async || {
        let text = app.api().get(DVR).await.text;
        (text.matches("\nsegments/").count() == 3).then_some(())
    })
    .await;
}
