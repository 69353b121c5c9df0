//! The main job: an encoder with a key, and a page that plays.

use std::time::Duration;

use sluice_testkit::{Encoder, Stack, wait_for};

use crate::show::{BOUND, Channel, tag};

#[tokio::test]
async fn an_encoder_with_a_key_is_live_with_its_health_and_off_air_when_it_stops() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    assert!(!channel.is_live().await);
    let mut publisher = channel.goes_live(&stack).await;

    let shown = channel.owner.show("stage").await;
    assert_eq!(shown["live"], true);
    assert!(shown["started_at"].is_string());
    let healthy = wait_for(BOUND, "the incoming bitrate", async || {
        let session = channel.newest_session().await?;
        let known = session["bitrate_bps"].as_u64().is_some_and(|bps| bps > 50_000);
        (known && session["keyframe_interval_ms"].is_u64()).then_some(session)
    })
    .await;
    assert_eq!(
        (
            &healthy["width"],
            &healthy["height"],
            &healthy["video_codec"],
            &healthy["audio_codec"]
        ),
        (&320.into(), &180.into(), &"H264".into(), &"AAC".into())
    );
    assert_eq!(healthy["keyframe_interval_ms"], 1000);

    publisher.stop();
    assert_eq!(channel.end_reason().await, "ended_by_encoder");
    assert!(!channel.is_live().await);
}

#[tokio::test]
async fn what_is_listed_can_be_fetched_from_nginx_and_from_the_backend_alike() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let _publisher = channel.goes_live(&stack).await;
    let playlist = channel.playlist().await.unwrap();
    let segment = playlist.lines().find(|line| !line.starts_with('#')).unwrap();
    for api in [stack.api(), stack.backend_api()] {
        let path = format!("/live/stage/{segment}");
        let answer = api.request(reqwest::Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "video/mp2t");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert!(
            answer.headers()["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        let bytes = answer.bytes().await.unwrap();
        assert!(bytes.len() % 188 == 0 && bytes[0] == 0x47);
    }
}

#[tokio::test]
async fn the_multivariant_playlist_says_what_the_stream_is_made_of() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let _publisher = channel.goes_live(&stack).await;
    let index = wait_for(BOUND, "the codecs", async || {
        let answer = stack.api().get("/live/stage/index.m3u8").await;
        answer.text.contains("CODECS").then_some(answer.text)
    })
    .await;
    let stream = tag(&index, "#EXT-X-STREAM-INF:").unwrap();
    for part in [
        "CODECS=\"avc1.42",
        "mp4a.40.2",
        "RESOLUTION=320x180",
        "FRAME-RATE=30.000",
        "BANDWIDTH=",
        "AVERAGE-BANDWIDTH=",
    ] {
        assert!(stream.contains(part), "{part} is not in {stream}");
    }
    assert!(index.ends_with("live.m3u8\n"));
}

#[tokio::test]
async fn a_playlist_is_answered_in_gzip_and_by_its_tag_where_nothing_is_new() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    publisher.stop();
    channel.end_reason().await;
    let get = |headers: &[(&'static str, String)]| {
        let mut request = stack.api().request(reqwest::Method::GET, "/live/stage/live.m3u8");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request
    };
    // The last segment of a show may still be on its way.
    wait_for(Duration::from_secs(30), "an unchanged playlist", async || {
        let zipped = get(&[("accept-encoding", "gzip".into())]).send().await.unwrap();
        assert_eq!(zipped.headers()["content-encoding"], "gzip");
        assert!(zipped.headers()["vary"].to_str().unwrap().contains("Accept-Encoding"));
        let tag = zipped.headers()["etag"].to_str().unwrap().to_owned();
        let bytes = zipped.bytes().await.unwrap();
        assert_eq!(bytes[..2], [0x1f, 0x8b]);
        let again = get(&[("accept-encoding", "gzip".into()), ("if-none-match", tag)])
            .send()
            .await
            .unwrap();
        (again.status() == 304).then_some(())
    })
    .await;
    let plain = get(&[]).send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn an_encoder_whose_media_no_player_takes_is_sent_away_with_the_reason() {
    use sluice_testkit::publisher::{Audio, Video};
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mp3 = Encoder {
        audio: Audio::Mp3,
        ..Encoder::default()
    };
    let sorenson = Encoder {
        video: Video::Sorenson,
        ..Encoder::default()
    };
    for (encoder, reason) in [(mp3, "unsupported_audio"), (sorenson, "unsupported_video")] {
        let mut publisher = encoder.publish(&stack.rtmp_url(&channel.key.key));
        publisher.thrown_out(BOUND).await;
        assert_eq!(channel.end_reason().await, reason);
        let session = channel.newest_session().await.unwrap();
        assert!(session["reason_text"].as_str().unwrap().contains("encoder"));
    }
}

#[tokio::test]
async fn two_sites_run_beside_each_other_on_one_machine() {
    let (here, there) = (Stack::start().await, Stack::start().await);
    let (one, other) = (Channel::of(&here, "stage").await, Channel::of(&there, "stage").await);
    let _publisher = one.goes_live(&here).await;
    assert!(one.is_live().await);
    assert!(!other.is_live().await && other.playlist().await.is_none());
}
