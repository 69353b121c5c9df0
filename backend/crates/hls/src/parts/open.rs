//! The part that is being written: which of its bytes can be cut from which.

use crate::ts::tables::Kind;

/// The most places to cut at that are remembered. A part has some 20 frames; a flood of them only makes fewer places.
const MOST: usize = 64;

/// Bytes from one place to cut at to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Where they end, in bytes from the segment's beginning.
    pub(super) end: u64,
    /// Whether the first video frame that begins in them is a keyframe, if one does.
    pub(super) key: Option<bool>,
}

/// What has been written since the last part was cut.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    begin: u64,
    units: Vec<Unit>,
    /// Of the bytes behind the last unit.
    key: Option<bool>,
}

impl Open {
    /// Where it begins, in bytes from the segment's beginning.
    pub(super) fn begin(&self) -> u64 {
        self.begin
    }

    /// A frame begins.
    pub(super) fn frame(&mut self, kind: Kind, key: bool) {
        if kind == Kind::Video {
            self.key.get_or_insert(key);
        }
    }

    /// One can cut here, in bytes from the segment's beginning.
    pub(super) fn boundary(&mut self, end: u64) {
        let last = self.units.last().map_or(self.begin, |unit| unit.end);
        if end <= last {
            return;
        }
        if self.units.len() >= MOST {
            self.thin_out();
        }
        let key = self.key.take();
        self.units.push(Unit { end, key });
    }

    /// How many pieces it can be cut into.
    pub(super) fn pieces(&self) -> usize {
        self.units.len()
    }

    /// Cuts off its first units, so many of them: what they are together; nothing if that is none.
    pub(super) fn cut(&mut self, units: usize) -> Option<Unit> {
        let units = self.units.drain(..units.min(self.units.len()));
        let cut = units.reduce(joined)?;
        self.begin = cut.end;
        Some(cut)
    }

    fn thin_out(&mut self) {
        let pairs = self.units.chunks(2);
        self.units = pairs.filter_map(|pair| pair.iter().copied().reduce(joined)).collect();
    }
}

fn joined(first: Unit, second: Unit) -> Unit {
    Unit {
        end: second.end,
        key: first.key.or(second.key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_places_to_cut_at_is_thinned_out_and_no_byte_lost() {
        let mut open = Open::default();
        for end in 1..10_000 {
            open.frame(Kind::Video, end == 5);
            open.boundary(end * 188);
            assert!((1..=MOST).contains(&open.pieces()));
        }
        let first = open.cut(1).unwrap();
        assert_eq!((first.key, open.begin()), (Some(false), first.end));
        let rest = open.cut(usize::MAX).unwrap();
        assert_eq!((rest.end, open.begin(), open.pieces()), (9999 * 188, 9999 * 188, 0));
        assert_eq!(open.cut(1), None);
    }
}
