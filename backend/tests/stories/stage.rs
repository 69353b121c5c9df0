//! A channel that is followed part by part from its beginning to its end.

use std::time::Duration;

use sluice_testkit::{
    Encoder, Player, Publisher, Stack,
    publisher::{Audio, Video},
    wait_for,
};

use crate::{
    show::{BOUND, Channel},
    viewed::Viewed,
};

/// A channel that is watched.
pub struct Stage {
    pub channel: Channel,
    pub player: Player,
    frame_us: u64,
    streams: &'static [&'static str],
}

impl Stage {
    /// Somebody watches from the beginning.
    pub async fn of(stack: &Stack, slug: &str, encoder: &Encoder) -> Self {
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
    pub async fn ends(&self) {
        let slug = &self.channel.slug;
        let sessions = self.channel.owner.sessions(slug).await;
        let id = sessions[0]["id"].as_str().unwrap();
        let end = format!("/api/v1/channels/{slug}/sessions/{id}/end");
        self.channel.owner.post(&end, serde_json::json!({})).await.is(204);
    }

    /// All that was seen of the show, which is over, keeps the rules, and ffmpeg plays it whole.
    pub async fn is_played_whole(&self, stack: &Stack, has_holes: bool) -> Viewed {
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

/// Waits until an encoder has sent so much of its show.
pub async fn has_sent(publisher: &mut Publisher, media: Duration) {
    wait_for(media + BOUND, "the show", async || {
        assert!(publisher.is_running(), "{}", publisher.log());
        (publisher.sent() >= media).then_some(())
    })
    .await;
}
