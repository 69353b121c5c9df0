//! The parameter sets that a stretch of video is decoded with, and the record of them that an MP4 begins with.

use super::{Kind, Sps, bits::Bits, nals};

/// The sequence and picture parameter sets in force, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    sps: Vec<Vec<u8>>,
    pps: Vec<Vec<u8>>,
}

impl Parameters {
    /// What is in force after this access unit: its own sets where it brings a sequence parameter set, else these
    /// with its picture parameter sets.
    pub(crate) fn after(&self, annex_b: &[u8]) -> Option<Self> {
        let brought = Self::of(annex_b);
        match (brought.sps.is_empty(), brought.pps.is_empty()) {
            (true, true) => None,
            (false, _) => Some(brought),
            (true, false) => {
                let mut changed = self.clone();
                let replaced: Vec<_> = brought.pps.iter().map(|nal| id(nal)).collect();
                changed.pps.retain(|nal| !replaced.contains(&id(nal)));
                changed.pps.extend(brought.pps);
                Some(changed)
            }
        }
    }

    /// The sets that stand in this byte stream.
    pub(crate) fn of(annex_b: &[u8]) -> Self {
        let mut sets = Self::default();
        for nal in nals(annex_b).take_while(|nal| !matches!(Kind::of(nal), Kind::Slice | Kind::Idr)) {
            let list = match Kind::of(nal) {
                Kind::Sps => &mut sets.sps,
                Kind::Pps => &mut sets.pps,
                _ => continue,
            };
            if !list.iter().any(|known| known == nal) {
                list.push(nal.to_vec());
            }
        }
        sets
    }

    /// What the first sequence parameter set says; nothing without one.
    pub(crate) fn sps(&self) -> Option<Sps> {
        self.sps.first().and_then(|nal| Sps::read(nal))
    }

    /// No set has this id.
    pub(crate) fn leaves_free(&self, wanted: u32) -> bool {
        let taken = self.sps.iter().map(|nal| Sps::read(nal).map(|sps| sps.id));
        let taken = taken.chain(self.pps.iter().map(|nal| id(nal)));
        !taken.flatten().any(|taken| taken == wanted)
    }

    /// Takes the sets of another stretch too. False if it has another set of the same id.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        let merged = |ours: &mut Vec<Vec<u8>>, theirs: &[Vec<u8>], id: fn(&[u8]) -> Option<u32>| {
            theirs.iter().all(|nal| {
                let same = ours.iter().find(|known| id(known) == id(nal));
                let fits = same.is_none_or(|same| same == nal);
                if same.is_none() {
                    ours.push(nal.clone());
                }
                fits
            })
        };
        let sps_id = |nal: &[u8]| Sps::read(nal).map(|sps| sps.id);
        merged(&mut self.sps, &other.sps, sps_id) && merged(&mut self.pps, &other.pps, id)
    }

    /// The sets as a byte stream, to stand before an access unit.
    pub(crate) fn annex_b(&self) -> Vec<u8> {
        let sets = self.sps.iter().chain(&self.pps);
        sets.flat_map(|nal| [0, 0, 0, 1].into_iter().chain(nal.iter().copied()))
            .collect()
    }

    /// The decoder's configuration record (ISO/IEC 14496-15, 5.3.3.1): all sets, those of the first stretch first.
    /// A decoder learns them before the first picture, and pictures name theirs by id.
    pub(crate) fn record(&self) -> Vec<u8> {
        let head = |at| self.sps.first().and_then(|sps| sps.get(at)).copied().unwrap_or(0);
        let (profile, constraints, level) = (head(1), head(2), head(3));
        let level = self
            .sps
            .iter()
            .filter_map(|sps| sps.get(3))
            .fold(level, |a, b| a.max(*b));
        let mut record = vec![1, profile, constraints, level, 0xff, 0xe0 | count(&self.sps)];
        push_sets(&mut record, &self.sps);
        record.push(count(&self.pps));
        push_sets(&mut record, &self.pps);
        if [100, 110, 122, 144].contains(&profile) {
            // 4:2:0 in eight bits, and no extensions. Other formats are never put beside one another.
            record.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]);
        }
        record
    }
}

fn count(sets: &[Vec<u8>]) -> u8 {
    u8::try_from(sets.len().min(31)).unwrap_or(31)
}

fn push_sets(record: &mut Vec<u8>, sets: &[Vec<u8>]) {
    for nal in sets.iter().take(31) {
        record.extend_from_slice(&u16::try_from(nal.len()).unwrap_or(u16::MAX).to_be_bytes());
        record.extend_from_slice(nal);
    }
}

/// A picture parameter set's id.
fn id(pps: &[u8]) -> Option<u32> {
    Bits::of_nal(pps).golomb()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPS: [u8; 5] = [0x67, 77, 0, 31, 0x80];
    const PPS: [u8; 2] = [0x68, 0x80];
    const OTHER_PPS: [u8; 2] = [0x68, 0x81];

    fn stream(nals: &[&[u8]]) -> Vec<u8> {
        nals.iter().flat_map(|nal| [&[0, 0, 1], *nal].concat()).collect()
    }

    #[test]
    fn sets_stay_in_force_until_others_come() {
        let none = Parameters::default();
        let first = none.after(&stream(&[&SPS, &PPS, &[0x65, 1]])).unwrap();
        assert_eq!(first.after(&stream(&[&[0x41, 1]])), None);
        assert_eq!(first.after(&stream(&[&SPS, &PPS])), Some(first.clone()));
        let changed = first.after(&stream(&[&OTHER_PPS])).unwrap();
        assert_ne!(changed, first);
        assert_eq!(changed.pps, [OTHER_PPS.to_vec()], "the same id is replaced");
    }

    #[test]
    fn the_record_holds_every_set_behind_its_length() {
        let sets = Parameters::of(&stream(&[&SPS, &PPS]));
        let record = sets.record();
        assert_eq!(record[..6], [1, 77, 0, 31, 0xff, 0xe1]);
        assert_eq!(record[6..], [&[0, 5][..], &SPS, &[1, 0, 2], &PPS].concat());
        assert_eq!(sets.annex_b(), [&[0, 0, 0, 1][..], &SPS, &[0, 0, 0, 1], &PPS].concat());
    }

    #[test]
    fn a_picture_parameter_set_of_the_same_id_but_other_words_does_not_join() {
        let mut sets = Parameters::of(&stream(&[&PPS]));
        assert!(sets.join(&sets.clone()));
        assert!(!sets.leaves_free(0) && sets.leaves_free(1));
        assert!(!sets.join(&Parameters::of(&stream(&[&OTHER_PPS]))));
    }
}
