//! Reads a version line by line; what has not the shape it should have is reported, and the rest read on.

use std::{collections::HashMap, rc::Rc};

use jiff::Timestamp;

use super::values::{Attributes, microseconds, number};
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
    pub(super) segments: Vec<Rc<Listed>>,
    /// What players are offered.
    pub(super) control: Option<Control>,
    pub(super) part_target_us: Option<u64>,
    /// The parts of all segments, oldest first.
    pub(super) parts: Vec<Part>,
    /// The tags of the segment that is being written, if it has a part.
    pub(super) open: Option<Listed>,
    /// The part that comes next.
    pub(super) hint: Option<String>,
}

/// EXT-X-SERVER-CONTROL, lengths in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Control {
    pub(super) can_block: bool,
    pub(super) part_hold_back_us: Option<u64>,
    pub(super) can_skip_us: Option<u64>,
}

/// EXT-X-PART.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Which of the segments listed it is of; as many as there are for the one that is being written.
    pub(super) of: usize,
    pub(super) uri: String,
    pub(super) duration_us: u64,
    pub(super) independent: bool,
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
            .map(move |(index, segment)| (first.saturating_add(index as u64), segment.as_ref()))
    }

    /// The media listed, in microseconds.
    pub(super) fn duration_us(&self) -> u64 {
        self.segments.iter().map(|segment| segment.duration_us).sum()
    }

    /// The number of the segment that is being written, or will be.
    pub(super) fn next_msn(&self) -> u64 {
        self.media_sequence
            .unwrap_or(0)
            .saturating_add(self.segments.len() as u64)
    }

    /// The parts of a segment.
    pub(super) fn parts_of(&self, msn: u64) -> &[Part] {
        let first = self.media_sequence.unwrap_or(0);
        let begin = self
            .parts
            .partition_point(|part| first.saturating_add(part.of as u64) < msn);
        let end = self
            .parts
            .partition_point(|part| first.saturating_add(part.of as u64) <= msn);
        &self.parts[begin..end]
    }
}

/// The state of reading: the version so far, and the segment whose address has not come yet.
#[derive(Default)]
struct Reader {
    version: Version,
    next: Listed,
    extinf: bool,
}

/// Segments by their lines, so that those of a long playlist are read once and not in each version.
pub(super) type Known = HashMap<String, Rc<Listed>>;

/// The tags of a segment that say nothing but of itself.
const OF_A_SEGMENT: [&str; 4] = [
    "#EXTINF:",
    "#EXT-X-PROGRAM-DATE-TIME:",
    "#EXT-X-DISCONTINUITY\n",
    "#EXT-X-GAP\n",
];

/// Reads a version; whatever has not its shape is reported as [`Rule::Syntax`] or [`Rule::Header`].
pub(super) fn read(text: &str, report: &mut Report) -> Version {
    read_known(text, &mut Known::new(), report)
}

/// The same; segments are looked up among, and added to, those that are known.
pub(super) fn read_known(text: &str, known: &mut Known, report: &mut Report) -> Version {
    let mut reader = Reader {
        version: Version {
            text: text.to_owned(),
            ..Version::default()
        },
        ..Reader::default()
    };
    if text.lines().next() != Some("#EXTM3U") {
        report.add(Rule::Syntax, "the first line is not #EXTM3U".to_owned());
    }
    if !text.ends_with('\n') {
        report.add(Rule::Syntax, "the last line is cut off".to_owned());
    }
    let mut rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    while !rest.is_empty() {
        let (lines, behind) = rest.split_at(segment_end(rest));
        rest = behind;
        match known.get(lines).filter(|_| reader.may_begin_segment()) {
            Some(segment) => {
                reader.version.has_decimals = true;
                reader.version.segments.push(Rc::clone(segment));
            }
            None => reader.lines(lines, known, report),
        }
    }
    reader.end(report)
}

/// Where the first line that is no tag ends; the end of the text where there is none.
fn segment_end(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if !line.starts_with('#') {
            break;
        }
    }
    end
}

type Fault = (Rule, &'static str);

const NO_LIST: Fault = (Rule::Syntax, "not a list of attributes");
const NO_LENGTH: Fault = (Rule::Syntax, "no length in seconds");
const NO_SWITCH: Fault = (Rule::Syntax, "a switch that is not YES");
const NO_ADDRESS: Fault = (Rule::Syntax, "no address of a part");

impl Reader {
    /// Whether nothing was said of the segment that comes next.
    fn may_begin_segment(&self) -> bool {
        !self.version.ended && !self.extinf && self.next == Listed::default() && !self.has_open_parts()
    }

    fn has_open_parts(&self) -> bool {
        let Version { segments, parts, .. } = &self.version;
        parts.last().is_some_and(|part| part.of == segments.len())
    }

    /// Reads lines up to a segment's address; what is a segment, its length with decimals, and nothing else is known
    /// from now on.
    fn lines(&mut self, lines: &str, known: &mut Known, report: &mut Report) {
        let is_whole = self.may_begin_segment();
        let had_decimals = std::mem::take(&mut self.version.has_decimals);
        let mut faults = 0;
        for line in lines.lines().filter(|line| !line.is_empty()) {
            if let Err((rule, fault)) = self.line(line) {
                report.add(rule, format!("{fault}: {line:?}"));
                faults += 1;
            }
        }
        let is_alone = lines
            .split_inclusive('\n')
            .all(|line| !line.starts_with('#') || OF_A_SEGMENT.iter().any(|tag| line.starts_with(tag)));
        let is_plain = is_whole && is_alone && faults == 0 && self.version.has_decimals;
        if let Some(segment) = self.version.segments.last().filter(|_| is_plain) {
            known.insert(lines.to_owned(), Rc::clone(segment));
        }
        self.version.has_decimals |= had_decimals;
    }

    /// The text has ended.
    fn end(self, report: &mut Report) -> Version {
        let Self {
            mut version,
            next,
            extinf,
        } = self;
        let has_parts = version
            .parts
            .last()
            .is_some_and(|part| part.of == version.segments.len());
        if extinf || !has_parts && next != Listed::default() {
            report.add(Rule::Syntax, "tags without a segment at the end".to_owned());
        }
        version.open = has_parts.then_some(next);
        version
    }

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
            ("#EXT-X-SERVER-CONTROL", Some(value)) => self.control(value),
            ("#EXT-X-PART-INF", Some(value)) => self.part_inf(value),
            ("#EXT-X-PART", Some(value)) => self.part(value),
            ("#EXT-X-PRELOAD-HINT", Some(value)) => self.hint(value),
            (tag, Some(value)) => self.header(tag, value),
            (tag, None) if tag.starts_with("#EXT") => Err((Rule::Syntax, "no tag that is known")),
            _ => Ok(()),
        }
    }

    /// Takes a tag of the playlist, which stands once and before the first segment.
    fn header(&mut self, tag: &str, value: &str) -> Result<(), Fault> {
        let too_late = self.has_begun();
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
        only(slot.replace(number).is_none(), too_late)
    }

    /// Something of a segment has come.
    fn has_begun(&self) -> bool {
        let Version { segments, parts, .. } = &self.version;
        !segments.is_empty() || !parts.is_empty() || self.extinf || self.next.discontinuity
    }

    fn control(&mut self, value: &str) -> Result<(), Fault> {
        let list = Attributes::read(value).ok_or(NO_LIST)?;
        let us = |name| {
            let value = list.get(name).map(microseconds);
            value.map_or(Ok(None), |us| us.ok_or(NO_LENGTH).map(Some))
        };
        let control = Control {
            can_block: list.yes("CAN-BLOCK-RELOAD").ok_or(NO_SWITCH)?,
            part_hold_back_us: us("PART-HOLD-BACK")?,
            can_skip_us: us("CAN-SKIP-UNTIL")?,
        };
        let too_late = self.has_begun();
        only(self.version.control.replace(control).is_none(), too_late)
    }

    fn part_inf(&mut self, value: &str) -> Result<(), Fault> {
        let list = Attributes::read(value).ok_or(NO_LIST)?;
        let target_us = list.get("PART-TARGET").and_then(microseconds).ok_or(NO_LENGTH)?;
        let too_late = self.has_begun();
        only(self.version.part_target_us.replace(target_us).is_none(), too_late)
    }

    fn part(&mut self, value: &str) -> Result<(), Fault> {
        let list = Attributes::read(value).ok_or(NO_LIST)?;
        self.version.parts.push(Part {
            of: self.version.segments.len(),
            uri: list.get("URI").ok_or(NO_ADDRESS)?.to_owned(),
            duration_us: list.get("DURATION").and_then(microseconds).ok_or(NO_LENGTH)?,
            independent: list.yes("INDEPENDENT").ok_or(NO_SWITCH)?,
        });
        match self.extinf {
            true => Err((Rule::Syntax, "a part behind its segment's EXTINF")),
            false => Ok(()),
        }
    }

    fn hint(&mut self, value: &str) -> Result<(), Fault> {
        let list = Attributes::read(value).ok_or(NO_LIST)?;
        let uri = list
            .get("URI")
            .filter(|_| list.get("TYPE") == Some("PART"))
            .ok_or(NO_ADDRESS)?;
        match self.version.hint.replace(uri.to_owned()) {
            Some(_) => Err((Rule::Syntax, "a second time")),
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
        let behind_a_part = self
            .version
            .parts
            .last()
            .is_some_and(|part| part.of == self.version.segments.len());
        match self.next.date_time_ms.replace(at.as_millisecond()) {
            _ if behind_a_part => Err((Rule::Syntax, "behind a part of its segment")),
            Some(_) => Err((Rule::Syntax, "a second time for one segment")),
            None => Ok(()),
        }
    }

    fn segment(&mut self, uri: &str) -> Result<(), Fault> {
        let tags = std::mem::take(&mut self.next);
        self.version.segments.push(Rc::new(Listed {
            uri: uri.to_owned(),
            ..tags
        }));
        match std::mem::take(&mut self.extinf) {
            _ if uri.contains(char::is_whitespace) => Err((Rule::Syntax, "white space in an address")),
            false => Err((Rule::Syntax, "a segment without EXTINF")),
            true => Ok(()),
        }
    }
}

/// A tag of the playlist stands once, and before all segments.
const fn only(is_first: bool, too_late: bool) -> Result<(), Fault> {
    match (is_first, too_late) {
        (false, _) => Err((Rule::Header, "a second time")),
        (true, true) => Err((Rule::Header, "after the first segment's tags")),
        (true, false) => Ok(()),
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
