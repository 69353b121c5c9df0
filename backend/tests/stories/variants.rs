//! Encoders of all kinds, each followed part by part: what each sends, whatever happens to it, is played whole.

use std::time::Duration;

use sluice_testkit::{
    Encoder, Publisher, Stack,
    publisher::{Audio, Video},
};

use crate::{
    stage::{Stage, has_sent},
    viewed::Viewed,
};

/// Several segments.
const SHOW: Duration = Duration::from_secs(14);
/// Three keyframes of an encoder that sends one in ten seconds.
const LONG_SHOW: Duration = Duration::from_secs(26);
/// More than two segments, and less than after which an encoder counts as gone.
const STALL: Duration = Duration::from_secs(5);

/// An encoder on air, and its audience.
struct Act {
    stage: Stage,
    encoder: Encoder,
    publisher: Publisher,
}

impl Act {
    /// Returns when viewers have a segment.
    async fn begins(stack: &Stack, slug: &str, encoder: Encoder) -> Self {
        let stage = Stage::of(stack, slug, &encoder).await;
        let publisher = encoder.publish(&stack.rtmp_url(&stage.channel.key.key));
        stage.channel.has_segment_after(None).await;
        Self {
            stage,
            encoder,
            publisher,
        }
    }

    /// Sends so much of the show and ends; all of it was seen.
    async fn plays_out(mut self, stack: &Stack, show: Duration) -> Viewed {
        has_sent(&mut self.publisher, show).await;
        self.stage.ends().await;
        self.stage.is_played_whole(stack, false).await
    }
}

fn keyframe_every(frames: u32) -> Encoder {
    Encoder {
        gop: frames,
        ..Encoder::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shows_of_25_and_29_97_and_60_frames_a_second_are_played_part_by_part_and_whole() {
    let stack = Stack::start().await;
    let (film, ntsc, sport) = tokio::join!(
        Act::begins(
            &stack,
            "film",
            Encoder {
                fps: 25,
                ..keyframe_every(25)
            }
        ),
        Act::begins(
            &stack,
            "ntsc",
            Encoder {
                ntsc: true,
                ..keyframe_every(60)
            }
        ),
        Act::begins(
            &stack,
            "sport",
            Encoder {
                fps: 60,
                ..keyframe_every(120)
            }
        ),
    );
    for act in [film, ntsc, sport] {
        assert_eq!(act.plays_out(&stack, SHOW).await.runs().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_with_a_keyframe_in_ten_seconds_is_played_part_by_part_and_whole() {
    let stack = Stack::start().await;
    let act = Act::begins(&stack, "rare", keyframe_every(300)).await;
    assert_eq!(act.plays_out(&stack, LONG_SHOW).await.runs().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_frames_are_played_part_by_part_and_whole_and_by_ffmpeg_which_knows_no_parts() {
    let stack = Stack::start().await;
    let encoder = Encoder {
        b_frames: 3,
        ..keyframe_every(150)
    };
    let act = Act::begins(&stack, "b-frames", encoder).await;
    let player = plays(&stack, "/live/b-frames/index.m3u8");
    let viewed = act.plays_out(&stack, LONG_SHOW).await;
    player.await.unwrap();
    assert_eq!(viewed.runs().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_alone_and_picture_alone_are_played_part_by_part_and_whole() {
    let stack = Stack::start().await;
    let radio = Encoder {
        video: Video::Off,
        ..Encoder::default()
    };
    let silent = Encoder {
        audio: Audio::Off,
        ..keyframe_every(60)
    };
    let (radio, silent) = tokio::join!(
        Act::begins(&stack, "radio", radio),
        Act::begins(&stack, "silent", silent)
    );
    for act in [radio, silent] {
        assert_eq!(act.plays_out(&stack, SHOW).await.runs().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_that_stalls_for_seconds_is_played_part_by_part_and_whole() {
    let stack = Stack::start().await;
    let mut act = Act::begins(&stack, "stalls", keyframe_every(60)).await;
    act.publisher.freeze();
    // This is what happens, not how long it is waited for.
    tokio::time::sleep(STALL).await;
    act.publisher.thaw();
    assert_eq!(act.plays_out(&stack, SHOW).await.runs().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_that_comes_back_is_played_whole_behind_one_discontinuity() {
    let stack = Stack::start().await;
    let mut act = Act::begins(&stack, "returns", keyframe_every(60)).await;
    act.publisher.stop();
    act.stage.channel.end_reason().await;
    act.publisher = act.encoder.publish(&stack.rtmp_url(&act.stage.channel.key.key));
    assert_eq!(act.plays_out(&stack, SHOW).await.runs().len(), 2);
}

/// ffmpeg plays an address, which knows nothing of parts, and finds nothing wrong.
fn plays(stack: &Stack, path: &str) -> tokio::task::JoinHandle<()> {
    let url = stack.api().url(path);
    tokio::spawn(async move {
        let played = tokio::process::Command::new("ffmpeg")
            .args([
                "-v", "error", "-threads", "1", "-i", &url, "-t", "12", "-f", "null", "-",
            ])
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let faults = String::from_utf8_lossy(&played.stderr);
        assert!(played.status.success() && faults.is_empty(), "{faults}");
    })
}
