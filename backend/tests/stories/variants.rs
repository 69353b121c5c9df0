//! Encoders of all kinds, each followed part by part, on one stack: what each sends, whatever happens to it, is played
//! whole.

use std::time::Duration;

use sluice_testkit::{
    Encoder, Player, Publisher, Stack,
    flv::{self, Kind, Tag},
    player::Seen,
    publisher::{Audio, Video},
    rtmp, wait_for,
};
use tokio::task::JoinSet;

use crate::{
    show::{BOUND, Channel},
    viewed::Viewed,
};

/// Three keyframes of an encoder that sends one in ten seconds.
const SHOW: Duration = Duration::from_secs(26);

/// A channel that is watched.
struct Stage {
    channel: Channel,
    player: Player,
    frame_us: u64,
    streams: &'static [&'static str],
}

impl Stage {
    async fn of(stack: &Stack, slug: &str, encoder: &Encoder) -> Self {
        let channel = Channel::of(stack, slug).await;
        Self {
            // Straight to the backend: nginx may be killed.
            player: Player::of(&stack.backend_api(), slug),
            channel,
            // Of sound, a frame has 1,024 samples of 44,100 a second.
            frame_us: match encoder.video {
                Video::Off => 23_220,
                _ => 1_001_000 / u64::from(encoder.fps),
            },
            streams: match (encoder.video, encoder.audio) {
                (Video::Off, _) => &["0:a"],
                (_, Audio::Off) => &["0:v"],
                _ => &["0:v", "0:a"],
            },
        }
    }

    /// The owner ends the show, so that its list is over at once.
    async fn ends(&self) {
        let slug = &self.channel.slug;
        let sessions = self.channel.owner.sessions(slug).await;
        let id = sessions[0]["id"].as_str().unwrap();
        let end = format!("/api/v1/channels/{slug}/sessions/{id}/end");
        self.channel.owner.post(&end, serde_json::json!({})).await.is(204);
    }

    /// All that was seen of the show, which is over, keeps the rules, and ffmpeg plays it whole.
    async fn is_played_whole(&self, stack: &Stack, has_holes: bool) -> Viewed {
        let slug = &self.channel.slug;
        let seen = wait_for(BOUND, "the end of the list", async || {
            let seen = self.player.seen();
            let (_, last) = seen.versions.last()?;
            last.contains("#EXT-X-ENDLIST").then_some(seen)
        })
        .await;
        let viewed = Viewed::of(&stack.backend_api(), slug, seen).await;
        viewed.keeps_the_rules(self.frame_us + 1000, has_holes);
        viewed.is_decodable(self.streams);
        viewed
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_encoders_of_every_kind_send_is_played_part_by_part_and_whole() {
    let stack = Stack::start().await;
    let base = Encoder::default();
    let gop = |gop| Encoder { gop, ..base.clone() };
    let kinds = [
        (
            "film",
            Encoder {
                fps: 25,
                gop: 25,
                ..base.clone()
            },
        ),
        ("ntsc", Encoder { ntsc: true, ..gop(60) }),
        ("sport", Encoder { fps: 60, ..gop(120) }),
        (
            "b-frames",
            Encoder {
                b_frames: 3,
                ..gop(150)
            },
        ),
        ("rare", gop(300)),
        (
            "radio",
            Encoder {
                video: Video::Off,
                ..base.clone()
            },
        ),
        (
            "silent",
            Encoder {
                audio: Audio::Off,
                ..gop(60)
            },
        ),
        ("stalls", gop(60)),
        ("returns", gop(60)),
    ];
    let mut stages = Vec::new();
    for (slug, encoder) in &kinds {
        let stage = Stage::of(&stack, slug, encoder).await;
        let publisher = encoder.publish(&stack.rtmp_url(&stage.channel.key.key));
        stages.push((stage, publisher));
    }
    for (stage, _) in &stages {
        stage.channel.has_segment_after(None).await;
    }
    let player = plays(&stack, "/live/b-frames/index.m3u8");
    stages[7].1.freeze();
    stages[8].1.stop();
    stages[8].0.channel.end_reason().await;
    stages[8].1 = gop(60).publish(&stack.rtmp_url(&stages[8].0.channel.key.key));
    let frozen_at = stages[0].1.sent();
    wait_for(BOUND, "five seconds of stall", async || {
        (stages[0].1.sent() > frozen_at + Duration::from_secs(5)).then_some(())
    })
    .await;
    stages[7].1.thaw();
    for (_, publisher) in &mut stages {
        has_sent(publisher, SHOW).await;
    }
    player.await.unwrap();
    for (stage, _) in &stages {
        stage.ends().await;
    }
    for (stage, _) in &stages {
        let viewed = stage.is_played_whole(&stack, false).await;
        let runs = if stage.channel.slug == "returns" { 2 } else { 1 };
        assert_eq!(viewed.runs().len(), runs, "{}", stage.channel.slug);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_with_holes_in_it_is_played_part_by_part_and_whole() {
    let mut stack = Stack::start().await;
    let encoder = Encoder {
        gop: 60,
        ..Encoder::default()
    };
    let tags = flv::record(&encoder, Duration::from_secs(14));
    let holes = [
        ("frozen", frozen(&tags)),
        ("congested", congested(&tags)),
        ("late-picture", late_picture(&tags)),
        ("mobile", late_header(&tags)),
    ];
    let (mut stages, mut clients) = (Vec::new(), JoinSet::new());
    for (slug, tags) in holes {
        let stage = Stage::of(&stack, slug, &encoder).await;
        let (server, key) = (stack.rtmp(), stage.channel.key.key.clone());
        clients.spawn(async move {
            let mut client = rtmp::Client::connect(server, "live").await.unwrap();
            client.publish(key).await.unwrap();
            assert!(client.hears("NetStream.Publish.Start", BOUND).await);
            client.send_in_time(&tags).await.unwrap();
            client
        });
        stages.push(stage);
    }
    let killed = Stage::of(&stack, "killed", &encoder).await;
    let mut publisher = encoder.publish(&stack.rtmp_url(&killed.channel.key.key));
    let clients = clients.join_all().await;
    for stage in &stages {
        stage.ends().await;
    }
    drop(clients);
    stack.kill_nginx();
    publisher.thrown_out(BOUND).await;
    stack.start_nginx().await;
    let before = last_msn(&killed.player.seen());
    publisher = wait_for(BOUND, "the encoder is let in again", async || {
        let mut again = encoder.publish(&stack.rtmp_url(&killed.channel.key.key));
        wait_for(BOUND, "an answer", async || {
            (again.is_connected() || !again.is_running()).then_some(())
        })
        .await;
        again.is_running().then_some(again)
    })
    .await;
    killed.channel.has_segment_after(before).await;
    has_sent(&mut publisher, Duration::from_secs(6)).await;
    killed.ends().await;
    stages.push(killed);
    for stage in &stages {
        stage.is_played_whole(&stack, true).await;
    }
}

/// The encoder stops for five seconds in the middle of a GOP, and its clock does not.
fn frozen(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    for tag in tags.iter_mut().filter(|tag| tag.timestamp_ms >= 7_100) {
        tag.timestamp_ms += 5_000;
    }
    tags
}

/// The encoder leaves out pictures until its next keyframe, as one does whose link is too slow; its sound goes on.
fn congested(tags: &[Tag]) -> Vec<Tag> {
    let is_kept = |tag: &&Tag| tag.kind != Kind::Video || !(6_500..7_990).contains(&tag.timestamp_ms);
    tags.iter().filter(is_kept).cloned().collect()
}

/// The picture begins a second after the sound.
fn late_picture(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    for tag in tags
        .iter_mut()
        .filter(|tag| tag.kind == Kind::Video && tag.body[1] == 1)
    {
        tag.timestamp_ms += 1_000;
    }
    tags.sort_by_key(|tag| tag.timestamp_ms);
    tags
}

/// The encoder's sound is ready 400 ms before it knows anything of its picture, as on mobile devices.
fn late_header(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    for tag in tags.iter_mut().filter(|tag| tag.kind == Kind::Video) {
        tag.timestamp_ms += 400;
    }
    tags.sort_by_key(|tag| tag.timestamp_ms);
    tags
}

async fn has_sent(publisher: &mut Publisher, media: Duration) {
    wait_for(media + BOUND, "the show", async || {
        assert!(publisher.is_running(), "{}", publisher.log());
        (publisher.sent() >= media).then_some(())
    })
    .await;
}

fn last_msn(seen: &Seen) -> Option<u64> {
    seen.versions.last().and_then(|(_, text)| crate::show::last_msn(text))
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
