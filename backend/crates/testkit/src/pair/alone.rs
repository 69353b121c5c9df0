//! What a version must keep to by itself.

use std::collections::HashSet;

use super::reader::{Control, Version};
use super::{Report, Rule};

/// Judges a version without looking at others.
pub(super) fn judge(version: &Version, report: &mut Report) {
    header(version, report);
    lengths(version, report);
    date_times(version, report);
    control(version, report);
    parts(version, report);
}

fn header(version: &Version, report: &mut Report) {
    for (tag, found) in [
        ("EXT-X-VERSION", version.version),
        ("EXT-X-TARGETDURATION", version.target_s),
        ("EXT-X-MEDIA-SEQUENCE", version.media_sequence),
        ("EXT-X-DISCONTINUITY-SEQUENCE", version.discontinuity_sequence),
    ] {
        if found.is_none() {
            report.add(Rule::Header, format!("no {tag}"));
        }
    }
    // Parts alone ask for no version; what lists them has decimals soon.
    let needed = if version.has_decimals || !version.parts.is_empty() {
        3
    } else {
        1
    };
    if version.version.is_some_and(|declared| declared != needed) {
        report.add(
            Rule::Version,
            format!("{:?} declared, {needed} needed", version.version.unwrap_or_default()),
        );
    }
    if let Some(kind) = &version.playlist_type {
        report.add(Rule::PlaylistType, format!("{kind} on a playlist that slides"));
    }
}

fn lengths(version: &Version, report: &mut Report) {
    let Some(target_s) = version.target_s else { return };
    for (msn, segment) in version.numbered() {
        if (segment.duration_us + 500_000) / 1_000_000 > target_s {
            report.add(
                Rule::Duration,
                format!(
                    "segment {msn} has {} us, the target is {target_s} s",
                    segment.duration_us
                ),
            );
        }
    }
}

/// Date-times follow the lengths since the last discontinuity, give or take a millisecond for each segment.
fn date_times(version: &Version, report: &mut Report) {
    let mut expected: Option<(i64, i64)> = None;
    for (msn, segment) in version.numbered() {
        let Some(at_ms) = segment.date_time_ms else {
            report.add(Rule::DateTimeMissing, format!("segment {msn}"));
            expected = None;
            continue;
        };
        let at_us = at_ms * 1000;
        let (due_us, segments) = expected.filter(|_| !segment.discontinuity).unwrap_or((at_us, 0));
        if (at_us - due_us).abs() > segments * 1000 {
            report.add(
                Rule::DateTimeDrift,
                format!("segment {msn} is {} us off the lengths before it", at_us - due_us),
            );
        }
        expected = Some((due_us.saturating_add_unsigned(segment.duration_us), segments + 1));
    }
}

/// What players are offered holds what it must (bis 4.4.3.8), and a list that is over offers nothing.
fn control(version: &Version, report: &mut Report) {
    let Control {
        can_block,
        part_hold_back_us,
        can_skip_us,
    } = version.control.clone().unwrap_or_default();
    let mut add = |fault: String| report.add(Rule::Control, fault);
    if version.ended && (version.control.is_some() || version.hint.is_some()) {
        add("something is offered behind the end".to_owned());
    }
    let least_us = version.target_s.unwrap_or(0).saturating_mul(6_000_000);
    if let Some(us) = can_skip_us.filter(|us| *us < least_us) {
        add(format!("a skip boundary of {us} us, {least_us} are the least"));
    }
    if version.parts.is_empty() && version.hint.is_none() {
        return;
    }
    let target_us = version.part_target_us.unwrap_or_else(|| {
        add("parts, and no PART-INF".to_owned());
        0
    });
    if !can_block {
        add("parts, and no CAN-BLOCK-RELOAD".to_owned());
    }
    let least_us = target_us.saturating_mul(3);
    if part_hold_back_us.is_none_or(|us| us < least_us) {
        add(format!(
            "a hold-back of {part_hold_back_us:?} us, {least_us} are the least"
        ));
    }
}

/// No part is too long, too short, or listed twice; the one that is hinted is not there yet.
fn parts(version: &Version, report: &mut Report) {
    let target_us = version.part_target_us.unwrap_or(u64::MAX);
    let mut seen = HashSet::new();
    for (index, part) in version.parts.iter().enumerate() {
        let next = version.parts.get(index + 1);
        // The newest part of a segment that is being written may be its last.
        let is_last = next.is_none_or(|next| next.of != part.of);
        let is_short = part.duration_us.saturating_mul(100) < target_us.saturating_mul(85);
        if part.duration_us > target_us || is_short && !is_last && !part.independent {
            let fault = format!("{} has {} us, the target is {target_us}", part.uri, part.duration_us);
            report.add(Rule::PartDuration, fault);
        }
        if !seen.insert(&part.uri) {
            report.add(Rule::PartDoubled, format!("{} is listed twice", part.uri));
        }
    }
    if let Some(hint) = version.hint.as_ref().filter(|hint| seen.contains(hint)) {
        report.add(Rule::Hint, format!("{hint} is hinted and listed"));
    }
}
