//! What a version must keep to by itself.

use super::reader::Version;
use super::{Report, Rule};

/// Judges a version without looking at others.
pub(super) fn judge(version: &Version, report: &mut Report) {
    header(version, report);
    lengths(version, report);
    date_times(version, report);
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
    let needed = if version.has_decimals { 3 } else { 1 };
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
