//! What low-latency players get, over a whole show.

use std::time::Duration;

use sluice_testkit::{Encoder, Player, Stack, pair, wait_for};

use crate::show::{BOUND, Channel};

/// As long as it takes parts to leave the list again, and more.
const HALF: Duration = Duration::from_secs(15);

/// The tables in front of a part: two packets.
const PREFIX: usize = 376;

#[tokio::test]
async fn every_part_of_a_show_with_a_reconnect_keeps_the_rules_and_is_its_segments_bytes() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let player = Player::of(&stack.api(), "stage");
    let encoder = Encoder {
        gop: 60,
        ..Encoder::default()
    };
    for _ in 0..2 {
        let mut publisher = encoder.publish(&stack.rtmp_url(&channel.key.key));
        publisher.connected().await;
        wait_for(HALF + BOUND, "half of the show", async || {
            assert!(publisher.is_connected(), "{}", publisher.log());
            (publisher.sent() >= HALF).then_some(())
        })
        .await;
        publisher.stop();
    }
    let seen = wait_for(BOUND, "the end of the list", async || {
        let seen = player.seen();
        let (_, last) = seen.versions.last()?;
        last.contains("ENDLIST").then_some(seen)
    })
    .await;
    let mut violations = pair::check(&seen.versions);
    violations.extend(pair::check_parts(&seen.versions, 40_000));
    assert!(violations.is_empty(), "{violations:#?}");
    let compared = pair::check_bytes(&seen.versions, &seen.bodies, PREFIX);
    assert!(compared.violations.is_empty(), "{:#?}", compared.violations);
    assert!(
        compared.segments >= 12,
        "only {} segments were compared",
        compared.segments
    );
    assert!(
        seen.versions.len() >= 60,
        "only {} versions were seen",
        seen.versions.len()
    );
    for (address, refusal) in &seen.refusals {
        let is_listed = seen.versions.iter().any(|(_, text)| lists(text, address));
        assert!(!is_listed, "{address} is listed, and answered with {refusal}");
    }
}

/// Whether a playlist lists a part or a segment; to hint a part is not to list it.
fn lists(playlist: &str, address: &str) -> bool {
    let mut lines = playlist.lines().filter(|line| !line.starts_with("#EXT-X-PRELOAD-HINT"));
    lines.any(|line| line.contains(address))
}
