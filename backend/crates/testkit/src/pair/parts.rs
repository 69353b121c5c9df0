//! What the parts of a version must keep to after those of all before it.

use std::collections::{BTreeMap, HashMap};

use super::reader::{Part, Version};
use super::{Report, Rule};

/// Every part that was ever listed, and the version before.
#[derive(Default)]
pub(super) struct Parts {
    segments: BTreeMap<u64, Known>,
    /// The segment that each address is a part of.
    places: HashMap<String, u64>,
    target_us: Option<u64>,
    before: Option<Version>,
}

/// A segment's parts.
#[derive(Debug, Default)]
struct Known {
    parts: Vec<Part>,
    /// The address of the segment, once it is closed.
    closed: Option<String>,
}

impl Parts {
    /// Judges a version against all before it, and takes it in. `frame_us` is how far the parts of a segment may be
    /// off its length.
    pub(super) fn judge(&mut self, version: Version, frame_us: u64, report: &mut Report) {
        self.target(&version, report);
        if let Some(before) = self.before.take().filter(|before| !before.ended) {
            vanished(&before, &version, report);
            self.hint(&before, &version, report);
        }
        for msn in listed_in_parts(&version) {
            self.segment(msn, version.parts_of(msn), report);
        }
        self.close(&version, frame_us, report);
        if !version.ended && !version.parts.is_empty() && version.hint.is_none() {
            report.add(Rule::Hint, "nothing is hinted".to_owned());
        }
        self.before = Some(version);
    }

    /// The segments that were closed, each with all its parts.
    pub(super) fn closed(&self) -> impl Iterator<Item = (u64, &str, &[Part])> {
        self.segments
            .iter()
            .filter_map(|(msn, known)| Some((*msn, known.closed.as_deref()?, known.parts.as_slice())))
    }

    fn target(&mut self, version: &Version, report: &mut Report) {
        let Some(target_us) = version.part_target_us else {
            return;
        };
        let known_us = *self.target_us.get_or_insert(target_us);
        if known_us != target_us {
            report.add(Rule::PartTargetChanged, format!("from {known_us} us to {target_us}"));
        }
    }

    /// What was hinted is what comes next, or is hinted still. Not judged where parts may have been missed in between.
    fn hint(&self, before: &Version, now: &Version, report: &mut Report) {
        let Some(hint) = &before.hint else { return };
        let newest = before.parts.last();
        if newest.is_some_and(|newest| now.parts.iter().all(|part| part.uri != newest.uri)) {
            return;
        }
        let next = now.parts.iter().find(|part| !self.places.contains_key(&part.uri));
        match next {
            Some(next) if next.uri != *hint => {
                report.add(Rule::Hint, format!("{hint} was hinted, {} came", next.uri));
            }
            None if !now.ended && now.hint.as_ref() != Some(hint) => {
                report.add(
                    Rule::Hint,
                    format!("{hint} was hinted and has not come, now {:?} is", now.hint),
                );
            }
            _ => (),
        }
    }

    /// The parts of a segment that were listed are listed again, and more may follow while it is written.
    fn segment(&mut self, msn: u64, parts: &[Part], report: &mut Report) {
        let known = self.segments.entry(msn).or_default();
        for was in &known.parts {
            match parts.iter().find(|part| part.uri == was.uri) {
                None => report.add(Rule::PartVanished, format!("{} of {msn}", was.uri)),
                Some(part) if !is_same(was, part) => {
                    report.add(Rule::PartChanged, format!("{was:?} of {msn} is {part:?}"));
                }
                Some(_) => (),
            }
        }
        let newest = known
            .parts
            .last()
            .and_then(|newest| parts.iter().position(|part| part.uri == newest.uri));
        for (index, part) in parts.iter().enumerate() {
            let number = *self.places.entry(part.uri.clone()).or_insert(msn);
            if number != msn {
                let fault = format!("{} was a part of {number}, is one of {msn}", part.uri);
                report.add(Rule::PartDoubled, fault);
            }
            if known.parts.iter().any(|was| was.uri == part.uri) {
                continue;
            }
            if known.closed.is_some() || Some(index) < newest {
                let fault = format!("{} was added to {msn}, which is closed or further on", part.uri);
                report.add(Rule::PartChanged, fault);
            }
            known.parts.push(part.clone());
        }
    }

    /// Segments that are closed now and listed in parts: these are all of them.
    fn close(&mut self, version: &Version, frame_us: u64, report: &mut Report) {
        for (msn, segment) in version.numbered() {
            let parts_us: u64 = version.parts_of(msn).iter().map(|part| part.duration_us).sum();
            let known = self.segments.get_mut(&msn).filter(|_| parts_us > 0);
            let Some(known) = known.filter(|known| known.closed.is_none()) else {
                continue;
            };
            known.closed = Some(segment.uri.clone());
            if parts_us.abs_diff(segment.duration_us) > frame_us {
                let fault = format!("the parts of {msn} have {parts_us} us, it has {}", segment.duration_us);
                report.add(Rule::PartSum, fault);
            }
        }
    }
}

/// The numbers of the segments that have parts, oldest first.
fn listed_in_parts(version: &Version) -> Vec<u64> {
    let first = version.media_sequence.unwrap_or(0);
    let mut msns: Vec<u64> = version
        .parts
        .iter()
        .map(|part| first.saturating_add(part.of as u64))
        .collect();
    msns.dedup();
    msns
}

/// Which of the segments listed a part is of changes as others leave.
fn is_same(one: &Part, other: &Part) -> bool {
    (&one.uri, one.duration_us, one.independent) == (&other.uri, other.duration_us, other.independent)
}

/// The parts of a segment leave together, once its end is three target durations behind the edge; or with the show.
fn vanished(before: &Version, now: &Version, report: &mut Report) {
    let least_us = now.target_s.unwrap_or(0).saturating_mul(3_000_000);
    let is_new_show = !before.segments.is_empty() && now.media_sequence >= Some(before.next_msn());
    if now.ended || is_new_show {
        return;
    }
    for msn in listed_in_parts(before) {
        let later_us = behind(now, msn);
        if now.parts_of(msn).is_empty() && later_us < least_us {
            report.add(
                Rule::PartVanished,
                format!("the parts of {msn}, {later_us} us behind the edge, {least_us} are the least"),
            );
        }
    }
}

/// How far the end of a segment is behind the edge, in microseconds.
fn behind(version: &Version, msn: u64) -> u64 {
    let closed = version.numbered().filter(|(number, _)| *number > msn);
    let closed_us: u64 = closed.map(|(_, segment)| segment.duration_us).sum();
    let open = version.parts_of(version.next_msn()).iter();
    let open_us: u64 = open
        .filter(|_| version.next_msn() > msn)
        .map(|part| part.duration_us)
        .sum();
    closed_us + open_us
}

/// Compares the bytes of segments that are closed with those of their parts, all of them fetched, which have `prefix`
/// bytes of the segment's head in front, but the first. Gives the number of segments compared.
pub(super) fn compare(parts: &Parts, bodies: &HashMap<String, Vec<u8>>, prefix: usize, report: &mut Report) -> usize {
    let mut compared = 0;
    for (msn, uri, parts) in parts.closed() {
        let fetched: Option<Vec<&Vec<u8>>> = parts.iter().map(|part| bodies.get(&part.uri)).collect();
        let (Some(segment), Some(fetched)) = (bodies.get(uri), fetched) else {
            continue;
        };
        compared += 1;
        if let Some(fault) = difference(segment, &fetched, prefix) {
            report.add(Rule::PartBytes, format!("segment {msn}: {fault}"));
        }
    }
    compared
}

/// What is wrong with the bodies of a segment's parts.
fn difference(segment: &[u8], parts: &[&Vec<u8>], prefix: usize) -> Option<String> {
    let mut joined = Vec::with_capacity(segment.len());
    for (index, part) in parts.iter().enumerate() {
        let (head, body) = match index {
            0 => (None, part.as_slice()),
            _ => match part.split_at_checked(prefix) {
                Some((head, body)) => (Some(head), body),
                None => return Some(format!("part {index} has {} bytes", part.len())),
            },
        };
        if head.is_some_and(|head| segment.get(..prefix) != Some(head)) {
            return Some(format!("part {index} does not begin as the segment does"));
        }
        if body.is_empty() {
            return Some(format!("part {index} is empty"));
        }
        joined.extend_from_slice(body);
    }
    (joined != segment).then(|| format!("{} bytes, {} in its parts", segment.len(), joined.len()))
}
