//! What a viewer was sent of a show, held against all the rules there are.

use std::collections::BTreeMap;

use reqwest::Method;
use sluice_testkit::{Api, pair, player::Seen};

use crate::media;

/// The tables in front of each part but a segment's first: two packets.
const TABLES: usize = 376;

/// A show as it was sent.
pub struct Viewed {
    name: String,
    seen: Seen,
    /// Each part that was listed, by its address, and whether it is independent.
    parts: BTreeMap<String, bool>,
    /// Each segment that was listed, in order: whether a discontinuity is in front of it, its address, its bytes.
    segments: Vec<(bool, String, Vec<u8>)>,
}

impl Viewed {
    /// What was seen of a channel; segments that were not fetched meanwhile are fetched now.
    pub async fn of(api: &Api, slug: &str, seen: Seen) -> Self {
        let (mut parts, mut segments) = (BTreeMap::new(), Vec::<(bool, String, Vec<u8>)>::new());
        for (_, text) in &seen.versions {
            let mut discontinuity = false;
            for line in text.lines() {
                if let Some(part) = line.strip_prefix("#EXT-X-PART:") {
                    let uri = part.split("URI=\"").nth(1).and_then(|uri| uri.split('"').next());
                    parts.insert(uri.unwrap().to_owned(), part.contains("INDEPENDENT=YES"));
                } else if line == "#EXT-X-DISCONTINUITY" {
                    discontinuity = true;
                } else if !line.starts_with('#') {
                    let is_known = segments.iter().any(|(_, known, _)| known == line);
                    let discontinuity = std::mem::take(&mut discontinuity);
                    if !is_known {
                        segments.push((discontinuity, line.to_owned(), fetched(api, slug, &seen, line).await));
                    }
                }
            }
        }
        Self {
            name: slug.to_owned(),
            seen,
            parts,
            segments,
        }
    }

    /// Every version keeps the rules, all that was listed was there, a segment is its parts, and one can begin with the
    /// parts that say so and with no others. `frame_us` is how long a frame is, in microseconds. A show that `has_holes` has
    /// segments longer than could be known.
    pub fn keeps_the_rules(&self, frame_us: u64, has_holes: bool) {
        let (name, versions) = (&self.name, &self.seen.versions);
        let mut violations = pair::check(versions);
        violations.extend(pair::check_parts(versions, frame_us));
        violations.retain(|violation| !has_holes || violation.rule != pair::Rule::TargetChanged);
        let compared = pair::check_bytes(versions, &self.seen.bodies, TABLES);
        violations.extend(compared.violations);
        assert!(violations.is_empty(), "{name}: {violations:#?}");
        // Those before the first viewer was there, and the one that was open, need not be seen in parts.
        let (compared, all) = (compared.segments, self.segments.len());
        assert!(
            compared > 0 && compared + 2 >= all,
            "{name}: only {compared} of {all} segments were seen in parts"
        );
        let bodies: Vec<(&String, bool, Option<bool>)> = self
            .parts
            .iter()
            .map(|(part, independent)| {
                let body = self.seen.bodies.get(part);
                let body = body.unwrap_or_else(|| panic!("{name}: {part} is listed: {:?}", self.seen.refusals));
                (part, *independent, media::begins_with_keyframe(body))
            })
            .collect();
        let is_sound_alone = bodies.iter().all(|(_, _, key)| key.is_none());
        for (part, independent, key) in bodies {
            assert_eq!(independent, key.unwrap_or(is_sound_alone), "{name}: {part}");
        }
    }

    /// ffmpeg finds nothing wrong with the media between discontinuities, nor with parts that one can begin with, each
    /// alone. `streams` are those that the show has, by ffmpeg's names, the first one the leading.
    pub fn is_decodable(&self, streams: &[&str]) {
        for run in self.runs() {
            let frames = media::decoded(&self.name, &run, streams);
            assert!(frames.iter().all(|frames| *frames > 0), "{}: {frames:?}", self.name);
        }
        let independent = self.parts.iter().filter(|(_, independent)| **independent);
        for (part, _) in independent.step_by(5) {
            let name = format!("{}: {part}", self.name);
            let frames = media::decoded(&name, &self.seen.bodies[part], &streams[..1]);
            assert!(frames[0] > 0, "{name} cannot be begun with");
        }
    }

    /// The media between discontinuities, each as one file.
    pub fn runs(&self) -> Vec<Vec<u8>> {
        let mut runs: Vec<Vec<u8>> = Vec::new();
        for (discontinuity, _, bytes) in &self.segments {
            if *discontinuity || runs.is_empty() {
                runs.push(Vec::new());
            }
            runs.last_mut().unwrap().extend_from_slice(bytes);
        }
        runs
    }
}

async fn fetched(api: &Api, slug: &str, seen: &Seen, segment: &str) -> Vec<u8> {
    if let Some(body) = seen.bodies.get(segment) {
        return body.clone();
    }
    let answer = api
        .request(Method::GET, &format!("/live/{slug}/{segment}"))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{slug}: {segment}: {}", answer.status());
    answer.bytes().await.unwrap().to_vec()
}
