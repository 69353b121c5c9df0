//! What a player asks of `live.m3u8` in its query: to wait for media that is still to come, and to be sent only what
//! it has not got yet. Pure.
//!
//! Sections are those of draft-pantos-hls-rfc8216bis-22. A name in the query that is not one of the three is not for
//! us, even where it begins with `_HLS_`: another version of the protocol may know it.

use std::borrow::Cow;

use url::form_urlencoded;

use super::bodies::Edge;

/// How a request is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// With the playlist as it stands.
    Now(Wanted),
    /// With the first playlist that reaches so far.
    Wait(Until, Wanted),
    /// With an error.
    Refuse(Refusal),
}

/// What the answer should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A delta update will do.
    pub delta: bool,
    /// The request named what the answer must reach, so that this answer belongs to this address for good.
    pub reach: bool,
}

/// The media that a playlist must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    msn: u64,
    part: Option<u64>,
}

/// Why a request cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A value that is no number, or not one of the words.
    Unreadable(&'static str),
    /// A directive that is there twice.
    Repeated(&'static str),
    /// A part of no segment.
    PartOfNothing,
    /// A segment or part that nobody can know of yet.
    TooFarAhead {
        /// The media sequence number of the segment that comes next.
        next_msn: u64,
    },
}

const MSN: &str = "_HLS_msn";
const PART: &str = "_HLS_part";
const SKIP: &str = "_HLS_skip";

/// Judges a query by where the playlist ends. On a playlist that has ended nothing is asked for (6.2.5.1, 6.2.5.2).
pub fn judge(query: &str, edge: &Edge) -> Verdict {
    if edge.ended || query.is_empty() {
        return Verdict::Now(Wanted::default());
    }
    match read(query) {
        Ok((until, wanted)) => match until {
            None => Verdict::Now(wanted),
            Some(until) if until.is_reached(edge) => Verdict::Now(wanted),
            Some(until) if until.is_too_far(edge) => Verdict::Refuse(Refusal::TooFarAhead {
                next_msn: edge.next_msn,
            }),
            Some(until) => Verdict::Wait(until, wanted),
        },
        Err(refusal) => Verdict::Refuse(refusal),
    }
}

fn read(query: &str) -> Result<(Option<Until>, Wanted), Refusal> {
    let (mut msn, mut part, mut skip) = (None, None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            MSN => once(&mut msn, MSN, number(MSN, &value)?)?,
            PART => once(&mut part, PART, number(PART, &value)?)?,
            SKIP => once(&mut skip, SKIP, word(&value)?)?,
            _ => {}
        }
    }
    let until = match (msn, part) {
        (Some(msn), part) => Some(Until { msn, part }),
        (None, Some(_)) => return Err(Refusal::PartOfNothing),
        (None, None) => None,
    };
    let wanted = Wanted {
        delta: skip.is_some(),
        reach: until.is_some(),
    };
    Ok((until, wanted))
}

fn once<T>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), Refusal> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Refusal::Repeated(name)),
    }
}

/// A decimal-integer. One that is larger than we can count to is farther ahead than anything.
fn number(name: &'static str, value: &str) -> Result<u64, Refusal> {
    let is_number = !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit());
    match is_number {
        true => Ok(value.parse().unwrap_or(u64::MAX)),
        false => Err(Refusal::Unreadable(name)),
    }
}

/// `v2` asks to leave out date ranges too, of which there are none.
fn word(value: &str) -> Result<(), Refusal> {
    match value {
        "YES" | "v2" => Ok(()),
        _ => Err(Refusal::Unreadable(SKIP)),
    }
}

impl Until {
    /// Whether a playlist that ends there has it (6.2.5.2).
    pub fn is_reached(&self, edge: &Edge) -> bool {
        let closed = edge.next_msn > self.msn;
        let Some(part) = self.part else {
            return edge.ended || closed;
        };
        edge.ended
            || edge.next_msn.saturating_sub(1) > self.msn
            || closed && has_part(part, edge)
            || edge.next_msn == self.msn && part < edge.parts_of_next as u64
    }

    /// Whether nobody who follows the playlist asks for it yet: more than two segments after the newest, or more parts
    /// after the newest part than fill three seconds (the Advance Part Limit, 6.2.5.2).
    fn is_too_far(&self, edge: &Edge) -> bool {
        let Some(ahead) = self.msn.checked_sub(edge.next_msn) else {
            return false;
        };
        // Of the segments after the one being written, each may begin with the very next part.
        let listed = if ahead == 0 { edge.parts_of_next as u64 } else { 0 };
        let limit = advance_part_limit(edge.part_target_us);
        ahead > 1 || self.part.is_some_and(|part| part.saturating_sub(listed) >= limit)
    }
}

/// Whether the newest closed segment has that part. One past its last is the first of the next segment; where its parts
/// were not counted, there is nothing to wait for.
const fn has_part(part: u64, edge: &Edge) -> bool {
    part < edge.parts_of_last as u64 || edge.parts_of_last == 0 || edge.parts_of_next > 0
}

/// How many parts after the newest one may be asked for.
const fn advance_part_limit(part_target_us: u64) -> u64 {
    match part_target_us {
        1..1_000_000 => 3_000_000_u64.div_ceil(part_target_us),
        _ => 3,
    }
}

impl Refusal {
    /// A sentence for whoever writes a player.
    pub fn sentence(self) -> Cow<'static, str> {
        match self {
            Self::Unreadable(SKIP) => "_HLS_skip is YES or v2.".into(),
            Self::Unreadable(name) => format!("{name} is a decimal number, without a sign.").into(),
            Self::Repeated(name) => format!("{name} is given more than once.").into(),
            Self::PartOfNothing => "_HLS_part needs _HLS_msn, the number of the segment it is a part of.".into(),
            Self::TooFarAhead { next_msn } => format!(
                "That is too far ahead: the next segment is {next_msn}. Ask for what follows the end of the playlist."
            )
            .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Segments up to 41 are closed, the newest with six parts; two of the next are there.
    const EDGE: Edge = Edge {
        next_msn: 42,
        parts_of_last: 6,
        parts_of_next: 2,
        part_target_us: 367_000,
        target_s: 2,
        ended: false,
    };
    /// The same a moment before: the newest segment was just closed.
    const JUST_CLOSED: Edge = Edge {
        parts_of_next: 0,
        ..EDGE
    };

    fn answer(query: &str, edge: &Edge) -> &'static str {
        match judge(query, edge) {
            Verdict::Now(_) => "now",
            Verdict::Wait(..) => "wait",
            Verdict::Refuse(Refusal::Unreadable(_)) => "unreadable",
            Verdict::Refuse(Refusal::Repeated(_)) => "repeated",
            Verdict::Refuse(Refusal::PartOfNothing) => "part of nothing",
            Verdict::Refuse(Refusal::TooFarAhead { .. }) => "too far",
        }
    }

    #[test]
    fn what_is_there_is_answered_what_comes_is_waited_for_and_the_rest_refused() {
        for (query, expected) in [
            ("", "now"),
            ("_HLS_msn=0", "now"),
            ("_HLS_msn=41", "now"),
            ("_HLS_msn=42", "wait"),
            ("_HLS_msn=43", "wait"),
            ("_HLS_msn=44", "too far"),
            ("_HLS_msn=40&_HLS_part=99", "now"),
            ("_HLS_msn=41&_HLS_part=5", "now"),
            ("_HLS_msn=42&_HLS_part=1", "now"),
            ("_HLS_msn=42&_HLS_part=2", "wait"),
            ("_HLS_part=2&_HLS_msn=42", "wait"),
            // 3 s are nine parts of 0.367 s.
            ("_HLS_msn=42&_HLS_part=10", "wait"),
            ("_HLS_msn=42&_HLS_part=11", "too far"),
            ("_HLS_msn=43&_HLS_part=0", "wait"),
            ("_HLS_msn=43&_HLS_part=9", "too far"),
            ("_HLS_msn=44&_HLS_part=0", "too far"),
            ("_HLS_msn=99999999999999999999999", "too far"),
            ("_HLS_msn=42&_HLS_part=18446744073709551616", "too far"),
        ] {
            assert_eq!(answer(query, &EDGE), expected, "{query}");
        }
    }

    #[test]
    fn a_part_past_the_end_of_a_segment_is_the_first_of_the_next() {
        assert_eq!(answer("_HLS_msn=41&_HLS_part=6", &JUST_CLOSED), "wait");
        assert_eq!(answer("_HLS_msn=41&_HLS_part=6", &EDGE), "now");
        let uncounted = Edge {
            parts_of_last: 0,
            ..JUST_CLOSED
        };
        assert_eq!(answer("_HLS_msn=41&_HLS_part=6", &uncounted), "now");
    }

    #[test]
    fn values_that_mean_nothing_are_refused_and_names_of_others_left_alone() {
        for (query, expected) in [
            ("_HLS_msn=", "unreadable"),
            ("_HLS_msn", "unreadable"),
            ("_HLS_msn=-1", "unreadable"),
            ("_HLS_msn=+1", "unreadable"),
            ("_HLS_msn=%2B1", "unreadable"),
            ("_HLS_msn=1.5", "unreadable"),
            ("_HLS_msn=0x2a", "unreadable"),
            ("_HLS_msn=%FF", "unreadable"),
            ("_HLS_msn=42&_HLS_part=last", "unreadable"),
            ("_HLS_skip=NO", "unreadable"),
            ("_HLS_skip=yes", "unreadable"),
            ("_HLS_msn=41&_HLS_msn=41", "repeated"),
            ("_HLS_msn=41&_HLS_part=0&_HLS_part=1", "repeated"),
            ("_HLS_skip=YES&_HLS_skip=v2", "repeated"),
            ("_HLS_part=0", "part of nothing"),
            ("%5FHLS_msn=%34%31", "now"),
            ("_hls_msn=x&_HLS_push=0&token=a%20b&&=", "now"),
        ] {
            assert_eq!(answer(query, &EDGE), expected, "{query}");
        }
    }

    #[test]
    fn nothing_is_asked_of_a_show_that_is_over() {
        let over = Edge { ended: true, ..EDGE };
        for query in ["_HLS_msn=99", "_HLS_part=1", "_HLS_msn=x", "_HLS_skip=YES"] {
            assert_eq!(judge(query, &over), Verdict::Now(Wanted::default()), "{query}");
        }
        let Verdict::Wait(until, _) = judge("_HLS_msn=43", &EDGE) else {
            panic!("it is not there")
        };
        assert!(until.is_reached(&over), "who waits is told at once");
    }

    #[test]
    fn a_delta_update_is_for_those_who_ask_for_it() {
        for (query, delta, reach) in [
            ("_HLS_skip=YES", true, false),
            ("_HLS_skip=v2&_HLS_msn=41", true, true),
            ("_HLS_msn=41", false, true),
        ] {
            assert_eq!(judge(query, &EDGE), Verdict::Now(Wanted { delta, reach }), "{query}");
        }
    }

    #[test]
    fn without_parts_three_may_be_asked_for_ahead() {
        let no_parts = Edge {
            parts_of_last: 0,
            parts_of_next: 0,
            part_target_us: 0,
            ..EDGE
        };
        assert_eq!(answer("_HLS_msn=42&_HLS_part=2", &no_parts), "wait");
        assert_eq!(answer("_HLS_msn=42&_HLS_part=3", &no_parts), "too far");
    }
}
