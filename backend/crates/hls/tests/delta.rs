//! Delta updates over whole shows: a player that puts one into the copy it has must hold what everybody else is sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use proptest::prelude::*;
use sluice_hls::media::{self, Edge, ListedPart, Open, Playlist, SegmentParts};
use sluice_hls::target;
use sluice_hls::timeline::{Segment, Window};

/// What happens in a show: a part is written, or the segment is closed with this length.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Part,
    Close { duration_us: u64, discontinuity: bool },
}

/// A version of a playlist: its text, its delta update, and where its media ends.
struct Version {
    full: String,
    delta: Option<String>,
    end_us: u64,
    target_s: u32,
}

/// A show as the server knows it.
#[derive(Default)]
struct Show {
    segments: Vec<Segment>,
    parts: Vec<SegmentParts>,
    end_us: u64,
    target_s: u32,
    jumps: u64,
    /// The segment being written does not continue the one before.
    jump: bool,
    next_part: usize,
}

impl Show {
    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Part => self.part(),
            Happening::Close {
                duration_us,
                discontinuity,
            } => {
                self.close(duration_us);
                self.jump = discontinuity;
            }
        }
        self.forget_old_parts();
    }

    fn part(&mut self) {
        let msn = self.open().msn;
        if self.parts.last().is_none_or(|of| of.msn < msn) {
            self.parts.push(SegmentParts { msn, parts: Vec::new() });
        }
        self.parts.last_mut().unwrap().parts.push(ListedPart {
            name: format!("a-{}", self.next_part),
            duration_us: 333_000,
            independent: self.next_part.is_multiple_of(3),
        });
        self.next_part += 1;
    }

    fn close(&mut self, duration_us: u64) {
        let open = self.open();
        self.target_s = target::raised(self.target_s.max(target::LEAST_S), duration_us);
        self.jumps = open.discontinuity_seq;
        self.end_us += duration_us;
        self.segments.push(Segment {
            msn: open.msn,
            name: format!("s{}", open.msn),
            started_at_ms: open.started_at_ms,
            duration_us,
            discontinuity: open.discontinuity,
            discontinuity_seq: open.discontinuity_seq,
            target_s: self.target_s,
        });
    }

    fn open(&self) -> Open {
        Open {
            msn: 40 + self.segments.len() as u64,
            started_at_ms: 1_795_213_253_850 + i64::try_from(self.end_us / 1000).unwrap(),
            discontinuity: self.jump,
            discontinuity_seq: self.jumps + u64::from(self.jump),
        }
    }

    /// Parts are listed for three target durations.
    fn forget_old_parts(&mut self) {
        let mut later_us = 0;
        let is_near = |segment: &&Segment| {
            later_us += segment.duration_us;
            later_us <= u64::from(self.target_s) * 3_000_000
        };
        let near = self.segments.iter().rev().take_while(is_near).count() as u64;
        let oldest = self.open().msn - near;
        self.parts.retain(|of| of.msn >= oldest);
    }

    fn version(&self) -> Version {
        let window = Window {
            segments: 10,
            duration_us: 20_000_000,
        };
        let edge = Edge {
            part_target_us: 367_000,
            parts: &self.parts,
            open: Some(self.open()),
            hint: Some(&format!("a-{}", self.next_part)),
        };
        let text = media::render(&Playlist {
            segments: window.of(&self.segments),
            target_s: self.target_s.max(target::LEAST_S),
            ended: false,
            edge: Some(edge),
        });
        Version {
            delta: text.skip.map(|skip| skip.delta(&text.full)),
            full: text.full,
            end_us: self.end_us,
            target_s: self.target_s,
        }
    }
}

/// Every version of the playlist of a show.
fn versions(happenings: Vec<Happening>) -> Vec<Version> {
    let mut show = Show::default();
    let after = |happening| {
        show.happens(happening);
        show.version()
    };
    happenings.into_iter().map(after).collect()
}

/// The number of the first segment of a playlist.
fn first_msn(playlist: &str) -> u64 {
    let tag = playlist
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"));
    tag.unwrap().parse().unwrap()
}

/// The lines of each segment of a playlist, with its number, and without parts.
fn segments_of(playlist: &str) -> Vec<(u64, String)> {
    let (mut segments, mut lines, mut msn) = (Vec::new(), String::new(), first_msn(playlist));
    for line in playlist.lines() {
        let of_a_segment = ["#EXT-X-DISCONTINUITY", "#EXTINF:", "#EXT-X-PROGRAM-DATE-TIME:"];
        let is_uri = !line.starts_with('#');
        let is_kept = of_a_segment.iter().any(|tag| line.starts_with(tag));
        if is_uri || is_kept && !line.starts_with("#EXT-X-DISCONTINUITY-SEQUENCE:") {
            lines.push_str(line);
            lines.push('\n');
        }
        if is_uri {
            segments.push((msn, std::mem::take(&mut lines)));
            msn += 1;
        }
    }
    segments
}

/// A player's own work: the delta update with what it skips put in from the playlist the player had before.
fn merged(before: &str, delta: &str) -> String {
    let (head, rest) = delta.split_once("#EXT-X-SKIP:SKIPPED-SEGMENTS=").unwrap();
    let (skipped, rest) = rest.split_once('\n').unwrap();
    let first = first_msn(delta);
    let skipped = first..first + skipped.parse::<u64>().unwrap();
    let known = segments_of(before);
    let put_in = skipped.map(|msn| {
        let known = known.iter().find(|(known, _)| *known == msn);
        known
            .unwrap_or_else(|| panic!("{msn} is not known from\n{before}\nfor\n{delta}"))
            .1
            .clone()
    });
    let whole = head.to_owned() + &put_in.collect::<String>() + rest;
    whole.replace("#EXT-X-VERSION:9\n", "#EXT-X-VERSION:3\n")
}

fn any_happening() -> impl Strategy<Value = Happening> {
    let close = (100_000..3_500_000_u64, prop::bool::weighted(0.2));
    prop_oneof![
        2 => Just(Happening::Part),
        1 => close.prop_map(|(duration_us, discontinuity)| Happening::Close { duration_us, discontinuity }),
    ]
}

proptest! {
    #[test]
    fn a_delta_update_put_into_a_copy_younger_than_the_skip_boundary_is_the_whole_playlist(
        happenings in proptest::collection::vec(any_happening(), 1..90),
    ) {
        let versions = versions(happenings);
        for (at, now) in versions.iter().enumerate() {
            let Some(delta) = &now.delta else { continue };
            let boundary_us = u64::from(now.target_s) * 6_000_000;
            for before in versions[..at].iter().filter(|before| now.end_us - before.end_us <= boundary_us) {
                prop_assert_eq!(&merged(&before.full, delta), &now.full);
            }
        }
    }
}
