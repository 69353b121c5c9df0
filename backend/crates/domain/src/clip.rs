//! Clips: what may be asked for, when it can be cut, and what can go wrong with it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Millis;
use crate::text::{self, Bounds};

/// A clip may end so far ahead of the moment: it waits for the live edge. Whoever marks an end has seen it, and players
/// run behind; what is further ahead is a mistake.
pub const MAX_AHEAD: Millis = Millis::from_secs(30);

/// Whoever may not rewind a channel may clip what they have just seen live, which is no older than this: behind the live
/// edge lies what their player holds, and the time that it takes to set two markers.
pub const LIVE_REACH: Millis = Millis::from_secs(120);

/// Clips that one person may have in the making: one to try, one to do, one for a friend.
pub const IN_FLIGHT_OF_ACCOUNT: u32 = 3;

/// Clips that may be in the making on one channel, whoever asked for them: a hall that clips the same moment must not
/// fill the queue of a whole site.
pub const IN_FLIGHT_OF_CHANNEL: u32 = 10;

const TITLE: Bounds = Bounds {
    what: "The title",
    min: 1,
    max: 120,
};

/// Why a text is no title of a clip. The sentence is for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidTitle {
    /// Too long, or with characters that no title has.
    #[error(transparent)]
    Text(#[from] text::Invalid),
    /// It leads through directories. Titles become names of files.
    #[error("The title may not be a path.")]
    Path,
}

/// What its maker calls a clip; nothing where that is blank.
pub fn title(text: &str) -> Result<Option<String>, InvalidTitle> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let title = TITLE.line(text)?;
    match is_path(&title) {
        true => Err(InvalidTitle::Path),
        false => Ok(Some(title)),
    }
}

/// "AC/DC" is none, `../x`, `/etc/x`, `~/x` and `C:\\x` are.
fn is_path(title: &str) -> bool {
    let rest = title.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let has_drive = rest.starts_with(":\\") && title.len() - rest.len() == 1;
    let is_rooted = ["/", "\\", "~/"].iter().any(|root| title.starts_with(root));
    is_rooted || has_drive || title.split(['/', '\\']).any(|part| part == "..")
}

macro_rules! words {
    ($type:ty: $($variant:ident $word:literal),* $(,)?) => {
        impl $type {
            /// Each of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word stored and shown for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What a stored word stands for.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

/// How a clip is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As it was sent: begins at the keyframe at or before its start, and loses nothing.
    Fast,
    /// To the frame: what is around its ends is encoded anew.
    #[default]
    Accurate,
}
words!(Mode: Fast "fast", Accurate "accurate");

/// How a clip stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn, or for the live edge.
    Queued,
    /// Is being cut.
    Running,
    /// There to be played.
    Ready,
    /// Came to nothing; the reason says why.
    Failed,
}
words!(State: Queued "queued", Running "running", Ready "ready", Failed "failed");

impl State {
    /// Whether it is still in the making.
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// Why a clip came to nothing. The words are stored, shown and stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no ffmpeg.
    EncoderMissing,
    /// It took too long.
    TimedOut,
    /// No room to cut it in.
    DiskFull,
    /// What was recorded cannot be read.
    DamagedSegment,
    /// The object store does not give what it has, or does not take the clip.
    StorageUnavailable,
    /// Nothing that was recorded then is there any more.
    NoSegmentsInRange,
    /// Anything else.
    Internal,
}
words!(
    Reason: EncoderMissing "encoder_missing", TimedOut "timed_out", DiskFull "disk_full",
    DamagedSegment "damaged_segment", StorageUnavailable "storage_unavailable",
    NoSegmentsInRange "no_segments_in_range", Internal "internal",
);

impl Reason {
    /// The reason as a sentence for whoever asked for the clip.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::EncoderMissing => "The server has no ffmpeg to cut clips with. Tell its operator, then try again.",
            Self::TimedOut => "Cutting took too long and was stopped. Try again, or try a shorter clip.",
            Self::DiskFull => "The server has no room left to cut clips in. Tell its operator, then try again.",
            Self::DamagedSegment => "What was recorded at that time cannot be read. Try another range.",
            Self::StorageUnavailable => "The server's storage did not answer. Try again in a while.",
            Self::NoSegmentsInRange => "Nothing that was recorded at that time is there any more.",
            Self::Internal => "Something went wrong on our side. Try again.",
        }
    }
}

/// The stretch of wall clock that a clip shows. Not empty, and no longer than was allowed when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    start: Millis,
    end: Millis,
}

/// Why a stretch of time is none for a clip. The sentence is for whoever marked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidRange {
    /// Nothing lies between its ends, or less than nothing.
    #[error("The clip must end after it starts.")]
    Backwards,
    /// Too much does.
    #[error("A clip may have at most {max_s} seconds.")]
    TooLong {
        /// How much may, in seconds.
        max_s: u32,
    },
}

impl Range {
    /// The stretch between two moments, of at most so many seconds.
    pub fn new(start: Millis, end: Millis, max_s: u32) -> Result<Self, InvalidRange> {
        if start >= end {
            return Err(InvalidRange::Backwards);
        }
        if end.since(start) > Millis::from_secs(i64::from(max_s)) {
            return Err(InvalidRange::TooLong { max_s });
        }
        Ok(Self { start, end })
    }

    /// The moment of the first frame.
    pub const fn start(self) -> Millis {
        self.start
    }

    /// The moment behind the last frame.
    pub const fn end(self) -> Millis {
        self.end
    }

    /// Whether anything between two moments is in it.
    pub fn meets(self, from: Millis, to: Millis) -> bool {
        from < self.end && to > self.start
    }
}

/// What there is of a channel when somebody asks for a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footage {
    /// Some of the range was recorded, and is there for whoever asks.
    pub is_there: bool,
    /// Until when the channel is recorded; nothing where it never was.
    pub recorded_until: Option<Millis>,
    /// A show goes on.
    pub is_live: bool,
}

/// When a clip can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// Not before this moment: until then it is not recorded.
    At(Millis),
    /// Its end is further ahead than a clip waits for.
    TooFarAhead,
    /// Nothing was recorded then, or nothing is left of it.
    Never,
}

/// Decides when a range can be cut.
pub fn when(range: Range, footage: Footage, now: Millis) -> When {
    let is_ahead = footage.recorded_until.is_none_or(|until| range.end > until);
    if range.end > now.plus(MAX_AHEAD) {
        When::TooFarAhead
    } else if footage.is_live && is_ahead && (footage.is_there || range.end > now.minus(MAX_AHEAD)) {
        When::At(range.end)
    } else if footage.is_there {
        When::Now
    } else {
        When::Never
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn range(start: i64, end: i64) -> Range {
        Range::new(Millis(NOW.0 + start), Millis(NOW.0 + end), 180).unwrap()
    }

    fn footage(is_there: bool, until: i64, is_live: bool) -> Footage {
        Footage {
            is_there,
            recorded_until: Some(Millis(NOW.0 + until)),
            is_live,
        }
    }

    #[test]
    fn a_range_ends_after_it_starts_and_is_no_longer_than_allowed() {
        let at = |start, end| Range::new(Millis(start), Millis(end), 2);
        assert_eq!(at(5, 5), Err(InvalidRange::Backwards));
        assert_eq!(at(6, 5), Err(InvalidRange::Backwards));
        assert!(at(0, 1).is_ok() && at(0, 2000).is_ok());
        assert_eq!(at(0, 2001), Err(InvalidRange::TooLong { max_s: 2 }));
        assert!(at(i64::MIN, i64::MAX).is_err());
    }

    #[test]
    fn a_title_is_a_line_of_text_and_no_path() {
        assert_eq!(title(" AC/DC, 3/4 "), Ok(Some("AC/DC, 3/4".to_owned())));
        assert_eq!((title(""), title(" \n ")), (Ok(None), Ok(None)));
        for path in [
            "../../etc/passwd",
            "/etc/passwd",
            "a/../b",
            "~/.ssh",
            "..",
            "C:\\x",
            "\\\\host\\x",
            "..\\x",
        ] {
            assert_eq!(title(path), Err(InvalidTitle::Path), "{path}");
        }
        assert!(title("C: the third").is_ok() && title("and then...").is_ok());
        assert!(matches!(title(&"a".repeat(10_000)), Err(InvalidTitle::Text(_))));
        assert!(matches!(title("a\0b"), Err(InvalidTitle::Text(_))));
    }

    #[test]
    fn a_range_is_met_by_what_is_in_it_and_not_by_what_touches_it() {
        let range = range(-10, -5);
        let meets = |from: i64, to: i64| range.meets(Millis(NOW.0 + from), Millis(NOW.0 + to));
        assert!(meets(-20, 0) && meets(-7, -6) && meets(-6, 10));
        assert!(!meets(-12, -10) && !meets(-5, 0));
    }

    #[test]
    fn what_is_recorded_is_cut_at_once_be_the_channel_live_or_not() {
        for is_live in [true, false] {
            assert_eq!(when(range(-9000, -4000), footage(true, -2000, is_live), NOW), When::Now);
        }
    }

    #[test]
    fn a_clip_waits_for_the_live_edge_but_not_for_a_show_that_is_over() {
        let clip = range(-9000, 4000);
        let end = Millis(NOW.0 + 4000);
        assert_eq!(when(clip, footage(true, -2000, true), NOW), When::At(end));
        assert_eq!(when(clip, footage(true, -2000, false), NOW), When::Now);
        assert_eq!(when(range(-900, 4000), footage(false, -2000, true), NOW), When::At(end));
        assert_eq!(when(range(-900, 4000), footage(false, -2000, false), NOW), When::Never);
    }

    #[test]
    fn nothing_waits_longer_than_half_a_minute() {
        let just = range(0, 30_000);
        assert_eq!(
            when(just, footage(false, 0, true), NOW),
            When::At(Millis(NOW.0 + 30_000))
        );
        for is_live in [true, false] {
            assert_eq!(
                when(range(0, 30_001), footage(true, 0, is_live), NOW),
                When::TooFarAhead
            );
        }
    }

    #[test]
    fn what_was_never_recorded_or_is_gone_is_not_cut() {
        assert_eq!(
            when(range(-90_000, -80_000), footage(false, -2000, true), NOW),
            When::Never
        );
        let never = Footage {
            is_there: false,
            recorded_until: None,
            is_live: false,
        };
        assert_eq!(when(range(-9000, -8000), never, NOW), When::Never);
    }

    #[test]
    fn every_word_stands_for_what_it_was_written_for() {
        for mode in Mode::ALL {
            assert_eq!(Mode::parse(mode.as_str()), Some(*mode));
        }
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(*state));
        }
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
            assert!(reason.sentence().ends_with('.'));
        }
        assert_eq!(Mode::parse("FAST"), None);
    }
}
