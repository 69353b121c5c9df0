//! Where the parts of a channel can be fetched: slices of files on disk, by name, for as long as players may ask.
//!
//! Nothing of the media is held: a part is a place in a file that is kept open. Its file outlives its names in the
//! spool and in the archive. Pure but for that: time is passed in.

use std::{collections::VecDeque, fs::File, ops::Range, sync::Arc};

use actix_web::web::Bytes;
use sluice_domain::Millis;

use super::parts::InFlight;

/// A part that has just become whole.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// Its length in microseconds.
    pub(super) duration_us: u64,
    /// A player can begin with it.
    pub(super) independent: bool,
    /// Where it is.
    pub(super) file: PartFile,
}

/// A part: `len` bytes of a file from `offset` on, behind `prefix`.
#[derive(Clone, Debug)]
pub struct PartFile {
    /// The segment's file, which may still grow.
    pub file: Arc<File>,
    /// Where the part begins in it.
    pub offset: u64,
    /// How many bytes of the file are the part's.
    pub len: u64,
    /// What a decoder needs first and the file has only at its beginning: the program's tables. Empty for the part that
    /// begins the segment.
    pub prefix: Bytes,
    /// What is being sent of it.
    pub in_flight: InFlight,
}

/// What is known of a part's name.
#[derive(Clone, Debug)]
pub enum PartLookup {
    /// It can be read.
    Here(Arc<PartFile>),
    /// It is the one that comes next: it is worth waiting for.
    Next,
    /// It never was, is no more, or is too far ahead.
    Unknown,
}

/// The parts of one channel, numbered over all its segments and sessions from the start of this process on.
#[derive(Debug)]
pub(super) struct Shelf {
    /// What the names of this process begin with.
    run: String,
    /// The number of the first part that is held.
    first: u64,
    parts: VecDeque<Arc<PartFile>>,
    /// Parts below these numbers are not listed, and can be fetched until then; oldest first.
    retired: VecDeque<(u64, Millis)>,
    /// Players are told of the part that comes next.
    pub(super) is_hinting: bool,
}

impl Shelf {
    /// An empty shelf. Two that are made at different times give no name twice.
    pub(super) fn new(now: Millis) -> Self {
        Self {
            run: format!("{:x}", now.0),
            first: 0,
            parts: VecDeque::new(),
            retired: VecDeque::new(),
            is_hinting: false,
        }
    }

    /// The name of a part, without `.ts`.
    pub(super) fn name(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// The number of the part that comes next.
    pub(super) fn next(&self) -> u64 {
        self.first + self.parts.len() as u64
    }

    /// Takes the parts that come next; gives their numbers.
    pub(super) fn put(&mut self, parts: impl IntoIterator<Item = PartFile>) -> Range<u64> {
        let begin = self.next();
        self.parts.extend(parts.into_iter().map(Arc::new));
        begin..self.next()
    }

    /// Looks a name up.
    pub(super) fn find(&self, name: &str) -> PartLookup {
        let Some(number) = self.number(name) else {
            return PartLookup::Unknown;
        };
        if number == self.next() && self.is_hinting {
            return PartLookup::Next;
        }
        let at = number.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        let part = at.and_then(|at| self.parts.get(at));
        part.map_or(PartLookup::Unknown, |part| PartLookup::Here(Arc::clone(part)))
    }

    /// Parts below `number` are not listed any more: they go `until` then.
    pub(super) fn retire(&mut self, number: u64, until: Millis) {
        let newest = self.retired.back().map_or(self.first, |(below, _)| *below);
        if number > newest {
            self.retired.push_back((number, until));
        }
    }

    /// Lets go of parts whose time is over.
    pub(super) fn sweep(&mut self, now: Millis) {
        while let Some((below, _)) = self.retired.pop_front_if(|(_, until)| *until <= now) {
            let gone = usize::try_from(below.saturating_sub(self.first)).unwrap_or(usize::MAX);
            self.parts.drain(..gone.min(self.parts.len()));
            self.first = self.first.max(below);
        }
    }

    /// The number in a name that this process has given, or may give yet.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(&self.run)?.strip_prefix('-')?;
        // One part, one name: no sign and no zeros in front.
        let number = digits.parse().ok()?;
        (self.name(number) == name).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(count: u64) -> Vec<PartFile> {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let part = |offset| PartFile {
            file: Arc::clone(&file),
            offset,
            len: 1,
            prefix: Bytes::new(),
            in_flight: InFlight::default(),
        };
        (0..count).map(part).collect()
    }

    fn shelf(parts: u64) -> Shelf {
        let mut shelf = Shelf::new(Millis(0x1000));
        shelf.put(files(parts));
        shelf.is_hinting = true;
        shelf
    }

    fn is_here(shelf: &Shelf, number: u64) -> bool {
        matches!(shelf.find(&shelf.name(number)), PartLookup::Here(_))
    }

    #[test]
    fn a_part_is_found_by_its_name_and_the_next_is_worth_waiting_for() {
        let mut shelf = shelf(3);
        let PartLookup::Here(part) = shelf.find("1000-2") else {
            panic!("not found")
        };
        assert_eq!(part.offset, 2);
        assert!(matches!(shelf.find("1000-3"), PartLookup::Next));
        shelf.is_hinting = false;
        assert!(matches!(shelf.find("1000-3"), PartLookup::Unknown));
    }

    #[test]
    fn a_part_has_one_name_and_no_other_process_has_it() {
        let shelf = shelf(3);
        for name in [
            "1000-02",
            "1000-+2",
            "1000--2",
            "1000-2.ts",
            "10002",
            "1001-2",
            "1000-",
            "2",
            "1000-4",
            "",
        ] {
            assert!(matches!(shelf.find(name), PartLookup::Unknown), "{name}");
        }
    }

    #[test]
    fn a_part_that_is_not_listed_any_more_goes_when_its_time_is_over() {
        let mut shelf = shelf(6);
        shelf.retire(2, Millis(10));
        shelf.retire(2, Millis(15));
        shelf.retire(4, Millis(20));
        shelf.sweep(Millis(9));
        assert!(is_here(&shelf, 0));
        shelf.sweep(Millis(10));
        assert!(!is_here(&shelf, 1) && is_here(&shelf, 2) && is_here(&shelf, 5));
        shelf.sweep(Millis(99));
        assert!(!is_here(&shelf, 3) && is_here(&shelf, 4));
        assert_eq!(shelf.put(files(1)), 6..7, "numbers go on");
    }

    #[test]
    fn nothing_is_held_of_parts_that_are_all_retired() {
        let mut shelf = shelf(6);
        shelf.retire(6, Millis(10));
        shelf.sweep(Millis(10));
        assert!(shelf.parts.is_empty() && shelf.retired.is_empty());
        assert!(matches!(shelf.find("1000-6"), PartLookup::Next));
    }
}
