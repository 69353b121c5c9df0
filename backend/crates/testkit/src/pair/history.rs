//! What a version must keep to after all those before it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::reader::{Listed, Version};
use super::{Report, Rule};

/// What kind of playlist is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The live edge: what has ended is followed by a new show, behind it.
    Live,
    /// All that a channel can be rewound to: what has ended goes on with the next show.
    Window,
}

/// Every segment that was ever listed, and the version before.
pub(super) struct History {
    kind: Kind,
    listed: BTreeMap<u64, Rc<Listed>>,
    numbers: HashMap<String, u64>,
    before: Option<Version>,
}

impl History {
    /// Nothing was listed yet.
    pub(super) fn of(kind: Kind) -> Self {
        Self {
            kind,
            listed: BTreeMap::new(),
            numbers: HashMap::new(),
            before: None,
        }
    }

    /// Judges a version against all before it, and takes it in.
    pub(super) fn judge(&mut self, version: Version, report: &mut Report) {
        if let Some(before) = self.before.take() {
            succession(self.kind, &before, &version, report);
            closing(&before, &version, report);
        }
        for (msn, segment) in self.news(&version) {
            self.identity(msn, &segment, report);
            self.wall_clock(msn, &segment, report);
            self.listed.entry(msn).or_insert(segment);
        }
        self.before = Some(version);
    }

    /// The segments that are not, to the letter, what was listed with their numbers before.
    fn news(&self, version: &Version) -> Vec<(u64, Rc<Listed>)> {
        let mut known = self.listed.range(version.media_sequence.unwrap_or(0)..).peekable();
        let mut is_known = |msn: u64, segment: &Rc<Listed>| {
            while known.next_if(|(number, _)| **number < msn).is_some() {}
            known
                .next_if(|(number, _)| **number == msn)
                .is_some_and(|(_, known)| Rc::ptr_eq(known, segment))
        };
        let first = version.media_sequence.unwrap_or(0);
        let numbered = (first..).zip(&version.segments);
        let news = numbered.filter(|(msn, segment)| !is_known(*msn, segment));
        news.map(|(msn, segment)| (msn, Rc::clone(segment))).collect()
    }

    /// A segment is what it was, and is no other segment's double.
    fn identity(&mut self, msn: u64, segment: &Listed, report: &mut Report) {
        if let Some(known) = self.listed.get(&msn).filter(|known| known.as_ref() != segment) {
            report.add(Rule::SegmentChanged, format!("{msn} was {known:?}, is {segment:?}"));
        }
        let number = *self.numbers.entry(segment.uri.clone()).or_insert(msn);
        if number != msn {
            report.add(Rule::Renumbered, format!("{} was {number}, is {msn}", segment.uri));
        }
    }

    /// A segment that is new does not begin before the one with the number below it ends. Starts are told in whole
    /// milliseconds, so one of them is forgiven.
    fn wall_clock(&self, msn: u64, segment: &Listed, report: &mut Report) {
        let before = self.listed.range(..msn).next_back();
        let (Some(at_ms), Some((number, before)), false) =
            (segment.date_time_ms, before, self.listed.contains_key(&msn))
        else {
            return;
        };
        let Some(before_ms) = before.date_time_ms else { return };
        let overlap_us = (before_ms * 1000).saturating_add_unsigned(before.duration_us) - at_ms * 1000;
        if at_ms < before_ms || overlap_us > 1000 {
            report.add(
                Rule::DateTimeAmbiguous,
                format!("{msn} begins {overlap_us} us before {number} ends"),
            );
        }
    }
}

/// How a version follows the one before it.
fn succession(kind: Kind, before: &Version, now: &Version, report: &mut Report) {
    if before.text == now.text {
        return;
    }
    let (Some(first_before), Some(first)) = (before.media_sequence, now.media_sequence) else {
        return;
    };
    let end_before = first_before + before.segments.len() as u64;
    let begins_anew = before.ended && kind == Kind::Live;
    if begins_anew && first < end_before {
        report.add(
            Rule::AfterEnd,
            format!("a change, and no new show behind segment {end_before}"),
        );
    }
    if first < first_before {
        report.add(Rule::SequenceFell, format!("from {first_before} to {first}"));
        return;
    }
    discontinuities(before, now, report);
    if begins_anew || first >= end_before {
        // A new show, or nothing in common: then a show may have ended between the two, unseen.
        return;
    }
    if now.target_s != before.target_s {
        report.add(
            Rule::TargetChanged,
            format!("from {:?} to {:?}", before.target_s, now.target_s),
        );
    }
    let end = first + now.segments.len() as u64;
    if end < end_before {
        report.add(
            Rule::SegmentVanished,
            format!("{end} to {} are gone from the end", end_before.saturating_sub(1)),
        );
    }
    let least_us = now.target_s.unwrap_or(0).saturating_mul(3_000_000);
    // What is over may grow old until nothing of it is left.
    let may_be_short = kind == Kind::Window && now.ended;
    if !may_be_short && first > first_before && (now.duration_us() < least_us || now.segments.len() < 6) {
        let (left, left_us) = (now.segments.len(), now.duration_us());
        report.add(
            Rule::TooShort,
            format!("segments left, and {left} of {left_us} us together stayed"),
        );
    }
}

/// What was said of the segment that was being written is still said of it, closed or not.
fn closing(before: &Version, now: &Version, report: &mut Report) {
    let msn = before.next_msn();
    let mut known = now.numbered();
    let now = match known.find(|(number, _)| *number == msn) {
        Some((_, closed)) => closed,
        None if now.next_msn() == msn => match &now.open {
            Some(open) => open,
            None => return,
        },
        None => return,
    };
    let said = |segment: &Listed| (segment.date_time_ms, segment.discontinuity);
    if let Some(open) = before.open.as_ref().filter(|open| said(open) != said(now)) {
        report.add(
            Rule::SegmentChanged,
            format!("{msn}, being written, was {open:?}, is {now:?}"),
        );
    }
}

/// The discontinuity sequence has grown by the tags that left; by no less than the known ones where versions, and with
/// them segments, were missed.
fn discontinuities(before: &Version, now: &Version, report: &mut Report) {
    let (Some(was), Some(is)) = (before.discontinuity_sequence, now.discontinuity_sequence) else {
        return;
    };
    let first = now.media_sequence.unwrap_or(0);
    let gone = before
        .numbered()
        .filter(|(msn, segment)| *msn < first && segment.discontinuity)
        .count() as u64;
    let all_known = first <= before.media_sequence.unwrap_or(0) + before.segments.len() as u64;
    if is < was + gone || all_known && is > was + gone {
        report.add(
            Rule::DiscontinuitySequence,
            format!("was {was}, {gone} tags have left, is {is}"),
        );
    }
}
