//! What becomes of parts where the archive or the encoder gives trouble.

use std::fs;

use sluice_testkit::wait_for;

use crate::growing::{BOUND, PART, RATE, Show, parts};

/// Two seconds.
const SEGMENT: u64 = 2 * RATE;

#[tokio::test]
async fn no_part_is_listed_behind_a_segment_that_the_archive_refuses() {
    let mut show = Show::begin().await;
    show.writes(SEGMENT);
    show.closes_segment();
    show.has_unseen(1).await;
    let obstacle = show.archived(2);
    fs::write(&obstacle, "something else").unwrap();
    show.writes(SEGMENT);
    show.closes_segment();
    show.writes(2 * PART);
    let text = show.has("#EXT-X-PRELOAD-HINT:").await;
    assert!(parts(&text).is_empty(), "parts of another segment: {text}");
    fs::remove_file(obstacle).unwrap();
    show.writes(SEGMENT - 2 * PART);
    show.closes_segment();
    let text = wait_for(BOUND, "what was refused", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 3).then_some(text)
    })
    .await;
    let of_each: Vec<usize> = text.split("#EXTINF:").map(|of| parts(of).len()).collect();
    assert_eq!(of_each, [0, 6, 6, 0], "{text}");
}

#[tokio::test]
async fn a_segment_stays_discontinuous_when_nobody_can_read_the_one_before() {
    let mut show = Show::begin().await;
    let before = show.archived(1);
    show.writes(SEGMENT);
    show.closes_segment();
    show.has_unseen(1).await;
    fs::remove_file(before).unwrap();
    show.jumps(100 * RATE);
    show.is_discontinuous();
    show.writes(2 * PART);
    let text = show.has("#EXT-X-PRELOAD-HINT:").await;
    assert!(parts(&text).is_empty(), "who can tell what they continue? {text}");
    show.writes(SEGMENT - 2 * PART);
    show.closes_segment();
    let text = wait_for(BOUND, "the next segment", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 2).then_some(text)
    })
    .await;
    assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 2, "{text}");
    assert_eq!(parts(&text).len(), 6, "{text}");
}

#[tokio::test]
async fn timestamps_that_jump_about_fill_no_playlist_with_parts() {
    let mut show = Show::watched(SEGMENT).await;
    for _ in 0..3 {
        for _ in 0..100 {
            show.writes(1);
            show.jumps(RATE);
        }
        let size = show.asks("").await.text.len();
        assert!(size < 60_000, "{size} bytes");
    }
    show.closes_segment();
    show.writes(SEGMENT);
    wait_for(BOUND, "parts of the segment behind", async || {
        let text = show.asks("").await.text;
        let (_, open) = text.rsplit_once("#EXTINF:")?;
        (text.matches("#EXTINF:").count() == 2 && !parts(open).is_empty()).then_some(())
    })
    .await;
    show.closes_segment();
    let text = wait_for(BOUND, "two segments more", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 3).then_some(text)
    })
    .await;
    let of_each: Vec<usize> = text.split("#EXTINF:").map(|of| parts(of).len()).collect();
    assert!(of_each[1] == 0 && of_each[2] == 6, "{text}");
}
