//! Reads a version line by line; what has not the shape it should have is reported, and the rest read on.

use jiff::Timestamp;

use super::{Report, Rule};

/// A version of the playlist, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Version {
    pub(super) text: String,
    pub(super) version: Option<u64>,
    pub(super) target_s: Option<u64>,
    pub(super) media_sequence: Option<u64>,
    pub(super) discontinuity_sequence: Option<u64>,
    pub(super) playlist_type: Option<String>,
    pub(super) ended: bool,
    pub(super) has_decimals: bool,
    pub(super) segments: Vec<Listed>,
}

/// A segment and its tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) uri: String,
    pub(super) duration_us: u64,
    pub(super) date_time_ms: Option<i64>,
    pub(super) discontinuity: bool,
    pub(super) gap: bool,
}

impl Version {
    /// The segments with their media sequence numbers.
    pub(super) fn numbered(&self) -> impl DoubleEndedIterator<Item = (u64, &Listed)> + ExactSizeIterator {
        let first = self.media_sequence.unwrap_or(0);
        self.segments
            .iter()
            .enumerate()
            .map(move |(index, segment)| (first.saturating_add(index as u64), segment))
    }

    /// The media listed, in microseconds.
    pub(super) fn duration_us(&self) -> u64 {
        self.segments.iter().map(|segment| segment.duration_us).sum()
    }
}

/// The state of reading: the version so far, and the segment whose address has not come yet.
#[derive(Default)]
struct Reader {
    version: Version,
    next: Listed,
    extinf: bool,
}

/// Reads a version; whatever has not its shape is reported as [`Rule::Syntax`] or [`Rule::Header`].
pub(super) fn read(text: &str, report: &mut Report) -> Version {
    let mut reader = Reader {
        version: Version {
            text: text.to_owned(),
            ..Version::default()
        },
        ..Reader::default()
    };
    let mut lines = text.lines();
    if lines.next() != Some("#EXTM3U") {
        report.add(Rule::Syntax, "the first line is not #EXTM3U".to_owned());
    }
    if !text.ends_with('\n') {
        report.add(Rule::Syntax, "the last line is cut off".to_owned());
    }
    for line in lines.filter(|line| !line.is_empty()) {
        if let Err((rule, fault)) = reader.line(line) {
            report.add(rule, format!("{fault}: {line:?}"));
        }
    }
    if reader.extinf || reader.next != Listed::default() {
        report.add(Rule::Syntax, "tags without a segment at the end".to_owned());
    }
    reader.version
}

type Fault = (Rule, &'static str);

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), Fault> {
        if self.version.ended {
            return Err((Rule::AfterEnd, "something follows ENDLIST"));
        }
        if !line.starts_with('#') {
            return self.segment(line);
        }
        let (tag, value) = line
            .split_once(':')
            .map_or((line, None), |(tag, value)| (tag, Some(value)));
        match (tag, value) {
            ("#EXTINF", Some(value)) => self.extinf(value),
            ("#EXT-X-PROGRAM-DATE-TIME", Some(value)) => self.date_time(value),
            ("#EXT-X-DISCONTINUITY", None) => once(&mut self.next.discontinuity),
            ("#EXT-X-GAP", None) => once(&mut self.next.gap),
            ("#EXT-X-ENDLIST", None) => once(&mut self.version.ended),
            ("#EXT-X-INDEPENDENT-SEGMENTS", None) => Ok(()),
            (tag, Some(value)) => self.header(tag, value),
            (tag, None) if tag.starts_with("#EXT") => Err((Rule::Syntax, "no tag that is known")),
            _ => Ok(()),
        }
    }

    /// Takes a tag of the playlist, which stands once and before the first segment.
    fn header(&mut self, tag: &str, value: &str) -> Result<(), Fault> {
        let too_late = !self.version.segments.is_empty() || self.extinf || self.next.discontinuity;
        let slot = match tag {
            "#EXT-X-VERSION" => &mut self.version.version,
            "#EXT-X-TARGETDURATION" => &mut self.version.target_s,
            "#EXT-X-MEDIA-SEQUENCE" => &mut self.version.media_sequence,
            "#EXT-X-DISCONTINUITY-SEQUENCE" => &mut self.version.discontinuity_sequence,
            "#EXT-X-PLAYLIST-TYPE" => {
                self.version.playlist_type = Some(value.to_owned());
                return Ok(());
            }
            _ if tag.starts_with("#EXT") => return Err((Rule::Syntax, "no tag that is known")),
            _ => return Ok(()),
        };
        let number = number(value).ok_or((Rule::Syntax, "not a whole number"))?;
        match slot.replace(number) {
            Some(_) => Err((Rule::Header, "a second time")),
            None if too_late => Err((Rule::Header, "after the first segment's tags")),
            None => Ok(()),
        }
    }

    fn extinf(&mut self, value: &str) -> Result<(), Fault> {
        let (seconds, title) = value
            .split_once(',')
            .ok_or((Rule::Syntax, "no comma after the length"))?;
        if title.contains(',') {
            return Err((Rule::Syntax, "a comma in the title, which breaks parsers"));
        }
        self.version.has_decimals |= seconds.contains('.');
        self.next.duration_us = microseconds(seconds).ok_or((Rule::Syntax, "not a length in seconds"))?;
        once(&mut self.extinf)
    }

    fn date_time(&mut self, value: &str) -> Result<(), Fault> {
        let at: Timestamp = value
            .parse()
            .map_err(|_| (Rule::Syntax, "not a date-time with a zone"))?;
        match self.next.date_time_ms.replace(at.as_millisecond()) {
            Some(_) => Err((Rule::Syntax, "a second time for one segment")),
            None => Ok(()),
        }
    }

    fn segment(&mut self, uri: &str) -> Result<(), Fault> {
        let tags = std::mem::take(&mut self.next);
        self.version.segments.push(Listed {
            uri: uri.to_owned(),
            ..tags
        });
        match std::mem::take(&mut self.extinf) {
            _ if uri.contains(char::is_whitespace) => Err((Rule::Syntax, "white space in an address")),
            false => Err((Rule::Syntax, "a segment without EXTINF")),
            true => Ok(()),
        }
    }
}

/// Sets a flag that must not be set yet.
fn once(flag: &mut bool) -> Result<(), Fault> {
    if std::mem::replace(flag, true) {
        Err((Rule::Syntax, "a second time"))
    } else {
        Ok(())
    }
}

/// The largest number that is believed: what JavaScript's players still count exactly.
const LARGEST: u64 = 1 << 53;
/// The longest segment that is believed, in seconds: 31 years.
const LONGEST_S: u64 = 1_000_000_000;

fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= LARGEST)
}

/// Seconds with up to six decimals.
fn microseconds(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let whole_s = number(whole).filter(|seconds| *seconds <= LONGEST_S && decimals.len() <= 6)?;
    Some(whole_s * 1_000_000 + number(&format!("{decimals:0<6}"))?)
}
