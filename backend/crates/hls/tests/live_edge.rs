//! The playlist at the live edge: parts, what is hinted, what players may ask for, and what a delta update leaves out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use sluice_hls::media::{self, Edge, ListedPart, Open, Playlist, SegmentParts};
use sluice_hls::timeline::Segment;

const T: i64 = 1_795_213_253_850;

fn segment(msn: u64, started_at_ms: i64, duration_us: u64, discontinuity: bool, discontinuity_seq: u64) -> Segment {
    Segment {
        msn,
        name: format!("s{msn}"),
        started_at_ms,
        duration_us,
        discontinuity,
        discontinuity_seq,
        target_s: 2,
    }
}

fn part(name: &str, duration_us: u64, independent: bool) -> ListedPart {
    ListedPart {
        name: name.to_owned(),
        duration_us,
        independent,
    }
}

fn playlist<'a>(segments: &'a [Segment], edge: Option<Edge<'a>>) -> Playlist<'a> {
    Playlist {
        segments,
        target_s: 2,
        ended: false,
        edge,
    }
}

const NO_PARTS: Edge<'_> = Edge {
    part_target_us: 367_000,
    parts: &[],
    open: None,
    hint: None,
};

#[test]
fn a_playlist_without_a_live_edge_tells_the_wall_clock_and_counts_what_has_left() {
    let segments = [
        segment(7, T, 2_000_000, false, 1),
        segment(8, T + 2000, 1_999_967, true, 2),
    ];
    let expected = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n\
        #EXT-X-DISCONTINUITY-SEQUENCE:1\n\
        #EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:53.850Z\n#EXTINF:2.000,\nsegments/s7.ts\n\
        #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:55.850Z\n#EXTINF:1.999967,\nsegments/s8.ts\n";
    assert_eq!(media::render(&playlist(&segments, None)).full, expected);
}

#[test]
fn a_discontinuity_that_is_still_listed_is_not_counted_as_gone() {
    let text = media::render(&playlist(&[segment(8, T, 2_000_000, true, 2)], None)).full;
    assert!(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"), "{text}");
}

#[test]
fn the_parts_of_the_newest_segments_and_of_the_open_one_are_listed_with_what_comes_next() {
    let segments = [
        segment(7, T, 2_000_000, false, 1),
        segment(8, T + 2000, 700_034, false, 1),
    ];
    let parts = [
        SegmentParts {
            msn: 8,
            parts: vec![part("a-5", 333_334, true), part("a-6", 366_700, false)],
        },
        SegmentParts {
            msn: 9,
            parts: vec![part("a-7", 333_000, true)],
        },
    ];
    let open = Open {
        msn: 9,
        started_at_ms: T + 2700,
        discontinuity: true,
        discontinuity_seq: 2,
    };
    let edge = Edge {
        parts: &parts,
        open: Some(open),
        hint: Some("a-8"),
        ..NO_PARTS
    };
    let expected = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n\
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.101,CAN-SKIP-UNTIL=12.000\n\
        #EXT-X-PART-INF:PART-TARGET=0.367\n\
        #EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n\
        #EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:53.850Z\n#EXTINF:2.000,\nsegments/s7.ts\n\
        #EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:55.850Z\n\
        #EXT-X-PART:DURATION=0.333334,URI=\"parts/a-5.ts\",INDEPENDENT=YES\n\
        #EXT-X-PART:DURATION=0.366700,URI=\"parts/a-6.ts\"\n\
        #EXTINF:0.700034,\nsegments/s8.ts\n\
        #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:56.550Z\n\
        #EXT-X-PART:DURATION=0.333,URI=\"parts/a-7.ts\",INDEPENDENT=YES\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/a-8.ts\"\n";
    assert_eq!(media::render(&playlist(&segments, Some(edge))).full, expected);
}

#[test]
fn a_channel_without_parts_promises_none_but_lets_players_wait_and_skip() {
    let segments = [segment(7, T, 2_000_000, false, 0)];
    let text = media::render(&playlist(&segments, Some(NO_PARTS))).full;
    assert!(
        text.contains("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000\n"),
        "{text}"
    );
    assert!(!text.contains("PART"), "{text}");
}

#[test]
fn an_open_segment_is_announced_by_its_first_part_and_not_before() {
    let segments = [segment(7, T, 2_000_000, false, 0)];
    let open = Open {
        msn: 8,
        started_at_ms: T + 2000,
        discontinuity: true,
        discontinuity_seq: 1,
    };
    let edge = Edge {
        open: Some(open),
        hint: Some("a-1"),
        ..NO_PARTS
    };
    let text = media::render(&playlist(&segments, Some(edge))).full;
    assert!(
        text.ends_with("segments/s7.ts\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/a-1.ts\"\n"),
        "{text}"
    );
    assert!(text.contains("#EXT-X-PART-INF:"), "a hint is a part: {text}");
}

#[test]
fn a_show_without_a_closed_segment_is_numbered_by_its_open_one() {
    let parts = [SegmentParts {
        msn: 8,
        parts: vec![part("a-1", 333_000, true)],
    }];
    let open = Open {
        msn: 8,
        started_at_ms: T,
        discontinuity: true,
        discontinuity_seq: 3,
    };
    let edge = Edge {
        parts: &parts,
        open: Some(open),
        ..NO_PARTS
    };
    let text = media::render(&playlist(&[], Some(edge))).full;
    assert!(
        text.contains("#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n#EXT-X-DISCONTINUITY\n"),
        "{text}"
    );
}

#[test]
fn the_playlist_of_a_show_that_is_over_promises_nothing() {
    let segments: Vec<_> = (0..20).map(|n| segment(n, T, 2_000_000, false, 0)).collect();
    let edge = Edge {
        hint: Some("a-1"),
        ..NO_PARTS
    };
    let over = Playlist {
        ended: true,
        ..playlist(&segments, Some(edge))
    };
    let text = media::render(&over);
    assert_eq!(text.skip, None, "nothing is skipped");
    assert!(text.full.ends_with("segments/s19.ts\n#EXT-X-ENDLIST\n"));
    assert!(!text.full.contains("PART") && !text.full.contains("SERVER-CONTROL"));
}

#[test]
fn a_delta_update_leaves_out_what_lies_wholly_beyond_the_skip_boundary() {
    let segments: Vec<_> = (1..=9).map(|n| segment(n, T, 2_000_000, n == 1, 1)).collect();
    let text = media::render(&playlist(&segments, Some(NO_PARTS)));
    let delta = text.skip.unwrap().delta(&text.full);
    assert!(
        delta.starts_with(
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n\
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000\n\
            #EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n\
            #EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:53.850Z\n#EXTINF:2.000,\nsegments/s4.ts\n"
        ),
        "{delta}"
    );
    let near = media::render(&playlist(&segments[3..], Some(NO_PARTS)));
    assert_eq!(near.skip, None, "twelve seconds lie within the boundary");
}
