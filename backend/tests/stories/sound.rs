//! Shows without a picture, and pictures without sound.

use std::process::Command;

use sluice_testkit::{
    Encoder, Stack,
    publisher::{Audio, Video},
    wait_for,
};

use crate::{
    media,
    show::{BOUND, Channel, tag},
};

#[tokio::test]
async fn sound_alone_and_pictures_alone_are_shows_and_are_told_for_what_they_are() {
    let stack = Stack::start().await;
    let (radio, silent) = (Channel::of(&stack, "radio").await, Channel::of(&stack, "silent").await);
    let sound = Encoder {
        video: Video::Off,
        ..Encoder::default()
    };
    let pictures = Encoder {
        audio: Audio::Off,
        ..Encoder::default()
    };
    let _publishers = [
        sound.publish(&stack.rtmp_url(&radio.key.key)),
        pictures.publish(&stack.rtmp_url(&silent.key.key)),
    ];
    for (channel, codecs, kind, other) in [
        (&radio, "mp4a.40.2", "0:a", "RESOLUTION"),
        (&silent, "avc1.42c0", "0:v", "mp4a"),
    ] {
        channel.has_segment_after(None).await;
        let index = format!("/live/{}/index.m3u8", channel.slug);
        let stream = wait_for(BOUND, "the codecs", async || {
            let answer = stack.api().get(&index).await;
            tag(&answer.text, "#EXT-X-STREAM-INF:")
                .filter(|stream| stream.contains("CODECS"))
                .map(str::to_owned)
        })
        .await;
        assert!(stream.contains(&format!("CODECS=\"{codecs}")), "{stream}");
        assert!(!stream.contains(other), "{stream}");
        let played = Command::new("ffmpeg")
            .args(["-v", "error", "-i", &stack.api().url(&index), "-map", kind, "-t", "4"])
            .args(["-f", "null", "-"])
            .output()
            .unwrap();
        let faults = String::from_utf8_lossy(&played.stderr);
        assert!(played.status.success() && faults.is_empty(), "{faults}");
    }
    let health = wait_for(BOUND, "the incoming bitrate", async || {
        let session = radio.newest_session().await?;
        session["bitrate_bps"].is_u64().then_some(session)
    })
    .await;
    assert_eq!(
        (&health["state"], &health["audio_codec"]),
        (&"live".into(), &"AAC".into())
    );
    for nothing in ["video_codec", "width", "height", "frame_rate", "keyframe_interval_ms"] {
        assert!(health[nothing].is_null(), "{nothing}: {health}");
    }
}

#[tokio::test]
async fn a_show_begins_with_a_keyframe_and_the_sound_that_belongs_to_it() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let encoder = Encoder {
        gop: 60,
        ..Encoder::default()
    };
    let mut publisher = encoder.publish(&stack.rtmp_url(&channel.key.key));
    publisher.connected().await;
    channel.has_segment_after(None).await;
    let playlist = channel.playlist().await.unwrap();
    let first = playlist.lines().find(|line| !line.starts_with('#')).unwrap();
    let path = format!("/live/stage/{first}");
    let answer = stack.api().request(reqwest::Method::GET, &path).send().await.unwrap();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(media::begins_with_keyframe(&bytes), Some(true));
    let [pictures, sound] = media::decoded("the first segment", &bytes, &["0:v", "0:a"])[..] else {
        panic!("two streams were asked for");
    };
    // Two seconds; of sound, seconds more came before the keyframe that the segmenter began at.
    assert!((59..=61).contains(&pictures), "{pictures} pictures");
    assert!((70..=95).contains(&sound), "{sound} times 23 ms of sound");
}
