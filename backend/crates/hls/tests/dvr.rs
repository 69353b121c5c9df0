//! What a channel can be rewound to: numbers, gaps, what leaves, and what is compressed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::io::Read;

use sluice_hls::dvr::Index;
use sluice_hls::recorded::{Kind, Place, Recorded, Style};
use sluice_testkit::pair;

const T: i64 = 1_795_213_253_850;

/// Segment `msn`, of six seconds; those whose number ends in 00 begin a session.
fn segment(msn: u64) -> Recorded {
    Recorded {
        msn,
        started_at_ms: T + i64::try_from(msn).unwrap() * 6_000,
        duration_us: 6_000_000,
        discontinuity: msn.is_multiple_of(100),
        discontinuity_seq: msn / 100 + 1,
        place: Place::Here,
    }
}

fn index(msns: impl IntoIterator<Item = u64>) -> Index {
    let mut index = Index::default();
    msns.into_iter().for_each(|msn| index.push(segment(msn), 6));
    index
}

fn text(index: &Index) -> String {
    let head = index.head(Kind::Window, index.range()).unwrap();
    index.text(&head, index.range(), Style::default())
}

fn unzipped(zipped: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(zipped).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn every_version_in_gzip_is_its_text_whatever_was_compressed_before() {
    let mut index = index(1..=250);
    for msn in 251..=1_400 {
        index.push(segment(msn), 6);
        index.slide(segment(msn).started_at_ms - 700 * 6_000);
        if msn % 97 == 0 {
            index.set_place(msn - 200, Place::Lost);
        }
        if msn % 50 < 3 {
            let head = index.head(Kind::Window, index.range()).unwrap();
            let zipped = index.gzip(&head, index.range(), Style::default());
            assert_eq!(unzipped(&zipped), text(&index), "{msn}");
        }
    }
    assert_eq!(index.range(), 700..1_401);
}

#[test]
fn a_copy_stays_as_it_was_when_the_original_goes_on() {
    let mut original = index(1..=300);
    let (copy, before) = (original.clone(), text(&original));
    original.push(segment(301), 6);
    original.set_place(290, Place::Lost);
    original.set_place(2, Place::Lost);
    original.slide(segment(50).started_at_ms);
    assert_eq!(text(&copy), before);
    assert_ne!(text(&original), before);
}

#[test]
fn the_discontinuity_sequence_counts_what_has_left() {
    let mut index = index(1..=450);
    for (first, left) in [(1, 1), (100, 1), (101, 2), (399, 4), (400, 4), (401, 5)] {
        index.slide(segment(first).started_at_ms);
        let expected = format!("#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:{left}\n");
        assert!(text(&index).contains(&expected), "{first}");
    }
}

#[test]
fn what_was_removed_in_between_is_filled_with_gaps_so_that_numbers_stay() {
    let index = index((95..=98).chain(310..=315));
    let text = text(&index);
    assert_eq!(index.range(), 95..316);
    assert_eq!(text.matches("#EXT-X-GAP\n").count(), 211);
    // Those of 100, 200 and 300 are missing with their segments.
    assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 3);
    assert_eq!(pair::check(&[(0, text)]), []);
}

#[test]
fn a_segment_that_is_there_already_changes_nothing() {
    let mut index = index(1..=5);
    let before = text(&index);
    index.push(
        Recorded {
            duration_us: 9_000_000,
            ..segment(3)
        },
        9,
    );
    assert_eq!(text(&index), before);
}

#[test]
fn the_target_duration_is_raised_and_never_falls() {
    let mut index = index(1..=5);
    index.push(
        Recorded {
            duration_us: 9_400_000,
            ..segment(6)
        },
        9,
    );
    index.push(
        Recorded {
            started_at_ms: segment(8).started_at_ms,
            ..segment(7)
        },
        6,
    );
    assert_eq!(index.target_s(), 9);
    index.slide(segment(7).started_at_ms + 1);
    assert_eq!((index.range(), index.target_s()), (7..8, 9));
}

#[test]
fn a_window_that_has_emptied_goes_on_where_it_was() {
    let mut index = index(1..=5);
    assert!(index.slide(i64::MAX));
    assert!(index.is_empty() && index.head(Kind::Quiet, index.range()).is_none());
    index.push(segment(6), 6);
    index.push(segment(7), 6);
    assert_eq!(index.range(), 6..8);
    assert!(text(&index).contains("#EXT-X-MEDIA-SEQUENCE:6\n"));
}

#[test]
fn a_stretch_is_what_has_something_in_it() {
    let index = index(1..=600);
    let at = |msn: u64| segment(msn).started_at_ms;
    for (from, until, expected) in [
        (at(300), at(301), 300..301),
        (at(300) + 5_999, at(301) + 1, 300..302),
        (at(301), at(301), 301..301),
        (i64::MIN, at(2), 1..2),
        (at(600), i64::MAX, 600..601),
        (at(601), i64::MAX, 601..601),
        (i64::MIN, at(1), 1..1),
    ] {
        assert_eq!(index.between(from, until), expected, "{from} to {until}");
    }
    let range = index.between(at(250), at(520));
    let head = index.head(Kind::Closed, range.clone()).unwrap();
    assert_eq!(
        unzipped(&index.gzip(&head, range.clone(), Style::default())),
        index.text(&head, range, Style::default())
    );
}

#[test]
fn what_is_lost_begins_no_playlist_and_makes_none_alone() {
    let mut index = index(1..=6);
    for msn in [1, 2, 4] {
        assert!(index.set_place(msn, Place::Lost));
    }
    assert!(!index.set_place(7, Place::Lost) && !index.set_place(0, Place::Lost));
    index.slide(0);
    assert_eq!(index.range(), 3..7);
    assert!(index.head(Kind::Closed, 4..5).is_none());
    assert!(index.head(Kind::Closed, 4..6).is_some());
}

#[test]
fn titles_and_addresses_are_written_where_they_are_wanted() {
    let mut index = index(1..=2);
    index.set_place(1, Place::Stored);
    let links = |name: &str| Some(format!("https://cdn.example.org/{name}.ts"));
    let style = Style {
        wall_clock: true,
        links: Some(&links),
        ..Style::default()
    };
    let head = index.head(Kind::Closed, 1..3).unwrap();
    let text = index.text(&head, 1..3, style);
    assert!(
        text.contains("#EXTINF:6.000,2026-11-20T22:20:59.850Z\nhttps://cdn.example.org/20261120-222059-00000001.ts\n")
    );
    assert!(text.contains("#EXTINF:6.000,2026-11-20T22:21:05.850Z\nsegments/20261120-222105-00000002.ts\n"));
}
