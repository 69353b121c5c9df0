//! `timeshift.m3u8`: a closed stretch of what a channel has sent.

use sluice_backend::{clock, http::time::rfc3339};
use sluice_domain::Millis;
use sluice_testkit::App;
use sluice_testkit::api::Answer;

use crate::past::{Session, name, record};

/// The show is eight segments of 6 s that began then.
struct Past {
    app: App,
    from: Millis,
}

impl Past {
    async fn of(ago_s: i64) -> Self {
        let app = App::start().await;
        app.api().signed_up("ada").await.channel("stage").await;
        let from = Millis((clock::now().0 / 1000 - ago_s) * 1000);
        let session = Session {
            first: 10,
            count: 8,
            from,
            discontinuities: 2,
        };
        record(&app, &[session]).await;
        Self { app, from }
    }

    async fn asks(&self, query: &str) -> Answer {
        self.app.api().get(&format!("/live/stage/timeshift.m3u8{query}")).await
    }

    /// From so many milliseconds into the show on.
    async fn from(&self, ms: i64, duration_s: i64) -> Answer {
        let from = rfc3339(self.from.plus(Millis(ms)));
        self.asks(&format!("?from={from}&duration={duration_s}")).await
    }
}

/// The numbers of the segments listed.
fn listed(text: &str) -> Vec<i64> {
    let segments = text.lines().filter_map(|line| line.strip_suffix(".ts"));
    segments
        .map(|name| name.rsplit('-').next().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_stretch_is_closed_and_cut_to_whole_segments() {
    let past = Past::of(3600).await;
    let answer = past.from(12_000, 6).await.is(200);
    let at = past.from.plus(Millis(12_000));
    let (date_time, name) = (rfc3339(at), name(at, 12));
    assert_eq!(
        answer.text,
        format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:12\n\
             #EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-PROGRAM-DATE-TIME:{date_time}\n#EXTINF:6.000,\n\
             segments/{name}.ts\n#EXT-X-ENDLIST\n"
        )
    );
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    for (from_ms, duration_s, expected) in [
        (0, 48, 10..=17),
        (-600_000, 3600, 10..=17),
        (5_999, 1, 10..=11),
        (6_000, 1, 11..=11),
        (11_000, 8, 11..=13),
        (47_999, 21_600, 17..=17),
    ] {
        let text = past.from(from_ms, duration_s).await.is(200).text;
        assert_eq!(
            listed(&text),
            expected.collect::<Vec<_>>(),
            "{from_ms} ms, {duration_s} s"
        );
    }
}

#[tokio::test]
async fn a_beginning_may_be_told_by_any_clock_or_by_how_long_ago() {
    let past = Past::of(3600).await;
    let at = |hours: i64| {
        let local = rfc3339(past.from.plus(Millis(hours * 3_600_000 + 12_000)));
        local.trim_end_matches('Z').to_owned()
    };
    let expected = past.from(12_000, 6).await.text;
    for from in [
        format!("{}%2B02:00", at(2)),
        format!("{}+02:00", at(2)),
        format!("{}-08:00", at(-8)),
    ] {
        assert_eq!(
            past.asks(&format!("?from={from}&duration=6")).await.is(200).text,
            expected
        );
    }
    // The show began 3600 s and a little ago.
    let text = past.asks("?offset_sec=3590&duration=3590").await.is(200).text;
    let first = listed(&text)[0];
    assert!((11..=17).contains(&first), "{text}");
}

#[tokio::test]
async fn nonsense_is_refused_and_where_nothing_was_sent_there_is_nothing() {
    let past = Past::of(3600).await;
    for query in [
        "",
        "?duration=60",
        "?from=soon&duration=60",
        "?offset_sec=60&duration=0",
        "?offset_sec=60",
    ] {
        assert_eq!(
            past.asks(query).await.is(400).problem().code,
            "invalid_request",
            "{query}"
        );
    }
    let longest = past.asks("?offset_sec=90000&duration=21601").await.is(400).problem();
    assert!(longest.detail.contains("21600 seconds"), "{}", longest.detail);
    for (from_ms, duration_s) in [(-60_000, 60), (48_000, 60), (48_000, 1)] {
        let answer = past.from(from_ms, duration_s).await.is(404);
        assert_eq!(answer.problem().code, "no_segments_in_range");
    }
    let lost = {
        let id = record(&past.app, &[]).await;
        past.app.state().store.offload().lost(&id, 13).await.unwrap();
        // Held since the first request: a new server reads it at once.
        sluice_testkit::wait_for(crate::growing::BOUND, "nothing to play", async || {
            let answer = past.from(18_000, 6).await;
            (answer.status == 404).then_some(answer)
        })
        .await
    };
    assert_eq!(lost.problem().code, "no_segments_in_range");
    assert_eq!(
        past.app
            .api()
            .get("/live/nowhere/timeshift.m3u8?offset_sec=1&duration=1")
            .await
            .is(404)
            .problem()
            .code,
        "not_found"
    );
}
