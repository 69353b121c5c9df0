//! What is rendered is read back, with the same cases; and no text, however broken, makes a reader panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::fmt::Write;

use m3u8_rs::{MasterPlaylist, MediaPlaylist};
use proptest::prelude::*;
use sluice_hls::multivariant::{self, Rendition};
use sluice_hls::nginx_playlist::{self, Spooled};
use sluice_hls::timeline::{self, Segment};
use sluice_hls::wall_clock::{self, Arrival, Clock};
use sluice_hls::{media, target};

/// A show, as intake would record it, from what arrived: where each file was opened, its length and whether
/// timestamps jump before it.
fn show(first_msn: u64, jumps_before: u64, arrivals: &[(i64, u64, bool)]) -> Vec<Segment> {
    let (mut clock, mut target_s, mut discontinuity_seq) = (Clock::default(), target::LEAST_S, jumps_before);
    arrivals
        .iter()
        .zip(first_msn..)
        .map(|(&(opened_at_ms, duration_us, discontinuity), msn)| {
            target_s = target::raised(target_s, duration_us);
            discontinuity_seq += u64::from(discontinuity);
            let arrival = Arrival {
                opened_at_ms,
                duration_us,
                anchors: discontinuity,
            };
            let started_at_ms = wall_clock::place(&mut clock, arrival);
            let name = timeline::name(started_at_ms, msn);
            Segment {
                msn,
                name,
                started_at_ms,
                duration_us,
                discontinuity,
                discontinuity_seq,
                target_s,
            }
        })
        .collect()
}

/// The cases that both directions share: a first number, the discontinuities before it, and what arrived.
type Case = (u64, u64, Vec<(i64, u64, bool)>);

fn cases() -> Vec<Case> {
    const T: i64 = 1_795_213_253_850;
    vec![
        (0, 0, vec![(T, 2_000_000, true)]),
        (
            1,
            0,
            vec![
                (T, 2_000_000, true),
                (T + 2040, 2_033_000, false),
                (T + 4000, 1_967_000, false),
            ],
        ),
        (
            u64::from(u32::MAX),
            7,
            vec![(T, 0, false), (T + 2000, 19_999_000, true), (T, 2_000_000, true)],
        ),
        (12, 3, vec![(T, 1_999_967, false), (T, 33, true)]),
        (9, 1, vec![(0, 2_000_000, true)]),
    ]
}

fn any_case() -> impl Strategy<Value = Case> {
    let arrival = (0..4_000_000_000_000_i64, 0..25_000_000_u64, any::<bool>());
    (
        0..1_u64 << 53,
        0..1_u64 << 40,
        proptest::collection::vec(arrival, 1..40),
    )
}

fn read_back(text: &str) -> MediaPlaylist {
    m3u8_rs::parse_media_playlist_res(text.as_bytes()).unwrap()
}

fn assert_read_back_as(segments: &[Segment], ended: bool) {
    let target_s = target::of(segments.iter().map(|s| s.duration_us));
    let playlist = media::Playlist {
        segments,
        target_s,
        ended,
        edge: None,
    };
    let read = read_back(&media::render(&playlist).full);
    let first = &segments[0];
    assert_eq!(read.version, Some(3));
    assert_eq!(read.media_sequence, first.msn);
    assert_eq!(
        read.discontinuity_sequence + u64::from(first.discontinuity),
        first.discontinuity_seq
    );
    assert_eq!(read.target_duration, u64::from(target_s));
    assert_eq!((read.end_list, read.playlist_type.is_none()), (ended, true));
    assert_eq!(read.segments.len(), segments.len());
    for (read, segment) in read.segments.iter().zip(segments) {
        assert_eq!(read.uri, format!("segments/{}.ts", segment.name));
        assert_eq!(
            read.program_date_time.unwrap().timestamp_millis(),
            segment.started_at_ms
        );
        assert_eq!(read.discontinuity, segment.discontinuity);
        assert!(
            (f64::from(read.duration) * 1e6 - segment.duration_us as f64).abs() < 2.0,
            "{read:?}"
        );
        assert!(read.duration.round() <= target_s as f32);
        assert!(read.unknown_tags.is_empty() && read.title.is_none());
    }
    assert!(
        read.segments
            .windows(2)
            .all(|pair| pair[0].program_date_time <= pair[1].program_date_time)
    );
}

#[test]
fn a_live_playlist_is_read_back_as_it_was_meant() {
    for (first_msn, jumps, arrivals) in cases() {
        for ended in [false, true] {
            assert_read_back_as(&show(first_msn, jumps, &arrivals), ended);
        }
    }
}

/// The playlist that nginx-rtmp writes of these segments.
fn nginx_writes(first: u64, spooled: &[(i64, u64, bool)]) -> String {
    let mut text = format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-TARGETDURATION:2\n");
    for (opened_at_ms, duration_us, discontinuity) in spooled {
        if *discontinuity {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        let ms = duration_us / 1000;
        writeln!(text, "#EXTINF:{}.{:03},\n{opened_at_ms}.ts", ms / 1000, ms % 1000).unwrap();
    }
    text
}

fn assert_nginx_read_back_as((first, _, arrivals): &Case) {
    let read = nginx_playlist::parse(nginx_writes(*first, arrivals).as_bytes()).unwrap();
    let meant = arrivals
        .iter()
        .zip(*first..)
        .map(|(&(opened_at_ms, duration_us, discontinuity), seq)| {
            let duration_us = duration_us / 1000 * 1000;
            Spooled {
                seq,
                file: format!("{opened_at_ms}.ts"),
                opened_at_ms,
                duration_us,
                discontinuity,
            }
        });
    assert_eq!(read, meant.collect::<Vec<_>>());
}

#[test]
fn what_nginx_writes_of_the_same_segments_is_read_exactly() {
    cases().iter().for_each(assert_nginx_read_back_as);
}

#[test]
fn a_playlist_that_nginx_rtmp_wrote_is_read_exactly() {
    let read = nginx_playlist::parse(include_bytes!("fixtures/nginx-rtmp-1.2.2.m3u8")).unwrap();
    let told: Vec<_> = read
        .iter()
        .map(|s| (s.seq, s.opened_at_ms, s.duration_us, s.discontinuity))
        .collect();
    assert_eq!(told.len(), 7);
    assert_eq!(told[0], (0, 1_795_217_021_461, 2_000_000, true));
    assert_eq!(
        told[6],
        (6, 1_795_217_033_466, 367_000, false),
        "the last frame's length is not in it"
    );
}

#[test]
fn a_multivariant_playlist_is_read_back_as_it_was_meant() {
    let rendition = Rendition {
        bandwidth_bps: 4_500_000,
        average_bandwidth_bps: Some(4_000_000),
        codecs: Some("avc1.64001f,mp4a.40.2".to_owned()),
        resolution: Some((1280, 720)),
        frame_rate_milli: Some(59_940),
        uri: "live.m3u8",
    };
    let text = multivariant::render(&rendition);
    let read: MasterPlaylist = m3u8_rs::parse_master_playlist_res(text.as_bytes()).unwrap();
    let [variant] = &read.variants[..] else {
        panic!("one rendition: {text}")
    };
    assert_eq!(
        (variant.bandwidth, variant.average_bandwidth),
        (4_500_000, Some(4_000_000))
    );
    assert_eq!(variant.codecs, rendition.codecs);
    assert_eq!(variant.resolution.map(|r| (r.width, r.height)), Some((1280, 720)));
    assert_eq!((variant.frame_rate, variant.uri.as_str()), (Some(59.94), "live.m3u8"));
}

/// A damaged line, a cut, or bytes put anywhere into a text.
fn damage(text: &str, hits: &[(prop::sample::Index, Vec<u8>)], end: prop::sample::Index) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.truncate(end.index(bytes.len() + 1));
    for (at, put) in hits {
        let at = at.index(bytes.len() + 1);
        bytes.splice(at..bytes.len().min(at + put.len() / 2), put.iter().copied());
    }
    bytes
}

/// Bytes and pieces of tags, of which broken playlists are made.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..6),
        prop::sample::select(vec![
            "#EXTINF:",
            "#EXTINF:1e9,\n",
            "\n",
            "\r\n",
            "..",
            "/",
            ",",
            ".ts\n",
            "99999999999999999999",
            "#EXT-X-MEDIA-SEQUENCE:",
            "#EXT-X-DISCONTINUITY\n",
            "#EXT-X-KEY:A=",
            "#EXT-X-BYTERANGE:1@1\n",
            "#EXT-X-PROGRAM-DATE-TIME:x\n",
            "#EXT-X-STREAM-INF:A=\"",
            "#EXTM3U\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #[test]
    fn any_show_is_read_back_as_it_was_meant((first_msn, jumps, arrivals) in any_case(), ended: bool) {
        assert_read_back_as(&show(first_msn, jumps, &arrivals), ended);
    }

    #[test]
    fn any_playlist_of_nginxs_is_read_exactly(case in any_case()) {
        assert_nginx_read_back_as(&case);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(pieces in proptest::collection::vec(piece(), 0..60)) {
        let _ = nginx_playlist::parse(&pieces.concat());
    }

    #[test]
    fn a_damaged_playlist_is_an_error_or_a_list_of_safe_names(
        (first, _, arrivals) in any_case(),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), piece()), 0..4),
        end in any::<prop::sample::Index>(),
    ) {
        let bytes = damage(&nginx_writes(first, &arrivals), &hits, end);
        for spooled in nginx_playlist::parse(&bytes).unwrap_or_default() {
            let digits = spooled.file.strip_suffix(".ts").unwrap();
            prop_assert!(!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()), "{}", spooled.file);
            prop_assert_eq!(digits.parse::<i64>().unwrap(), spooled.opened_at_ms);
        }
    }

    #[test]
    fn the_wall_clock_never_steps_back_and_never_overlaps((_, _, arrivals) in any_case()) {
        let segments = show(0, 0, &arrivals);
        for pair in segments.windows(2) {
            let end_us = pair[0].started_at_ms * 1000 + i64::try_from(pair[0].duration_us).unwrap();
            let next_us = pair[1].started_at_ms * 1000;
            // Starts are told in whole milliseconds, rounded down.
            prop_assert!(next_us > end_us - 1000, "{pair:?}");
            prop_assert!(pair[1].discontinuity || next_us < end_us + 1000, "{pair:?}");
        }
    }
}
