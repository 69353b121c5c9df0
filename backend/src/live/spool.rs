//! Which files of a session's spool directory are segments to take, and in which order. Pure.
//!
//! nginx-rtmp numbers its fragments without a hole and lists the last ten minutes of them. Files older than its list
//! were written while nobody looked; a file behind its list is still being written or, when the session is over, is
//! the tail that a killed nginx left. Their numbers follow from their place.

use sluice_hls::nginx_playlist::{Spooled, opened_at_ms};

/// A segment to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// nginx's number for it within the session.
    pub seq: u64,
    /// Its name in the spool directory.
    pub file: String,
    /// When nginx opened it, in milliseconds since the epoch.
    pub opened_at_ms: i64,
    /// What nginx's playlist says of it; a file that is in no playlist has to be measured.
    pub listed: Option<Spooled>,
}

/// How far a spool directory may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The session is live: what the playlist lists, and older files.
    Listed,
    /// The session is over: the tail as well.
    Tail,
}

/// The segments not taken yet, in order. `listed` is nginx's playlist, `files` the directory's segment files,
/// `next_seq` the number that the next segment taken should have.
pub(super) fn candidates(listed: &[Spooled], files: &[String], next_seq: u64, reach: Reach) -> Vec<Candidate> {
    let mut unlisted: Vec<(i64, &String)> = files
        .iter()
        .filter(|file| !listed.iter().any(|spooled| spooled.file == **file))
        .filter_map(|file| Some((opened_at_ms(file)?, file)))
        .collect();
    unlisted.sort_unstable();
    let first_listed = listed.first().map(|spooled| spooled.opened_at_ms);
    let split = unlisted.partition_point(|(opened, _)| first_listed.is_some_and(|first| *opened < first));
    let (older, tail) = unlisted.split_at(split);

    let first_seq = listed.first().map_or(0, |spooled| spooled.seq);
    let older_from = first_seq.saturating_sub(older.len() as u64);
    let tail_from = listed.last().map_or(next_seq, |spooled| spooled.seq + 1);
    let tail = if reach == Reach::Tail { tail } else { &[] };
    numbered(older, older_from)
        .chain(listed.iter().map(known))
        .chain(numbered(tail, tail_from))
        .filter(|candidate| candidate.seq >= next_seq)
        .collect()
}

fn numbered<'a>(files: &'a [(i64, &String)], from: u64) -> impl Iterator<Item = Candidate> + 'a {
    files.iter().zip(from..).map(|((opened_at_ms, file), seq)| Candidate {
        seq,
        file: (*file).clone(),
        opened_at_ms: *opened_at_ms,
        listed: None,
    })
}

fn known(spooled: &Spooled) -> Candidate {
    Candidate {
        seq: spooled.seq,
        file: spooled.file.clone(),
        opened_at_ms: spooled.opened_at_ms,
        listed: Some(spooled.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spooled(seq: u64, opened_at_ms: i64) -> Spooled {
        Spooled {
            seq,
            file: format!("{opened_at_ms}.ts"),
            opened_at_ms,
            duration_us: 2_000_000,
            discontinuity: false,
        }
    }

    fn names(from_ms: i64, count: i64) -> Vec<String> {
        (0..count).map(|n| format!("{}.ts", from_ms + n * 2_000)).collect()
    }

    fn seqs(candidates: &[Candidate]) -> Vec<(u64, bool)> {
        candidates.iter().map(|c| (c.seq, c.listed.is_some())).collect()
    }

    #[test]
    fn what_is_listed_and_new_is_taken_in_order() {
        let listed = [spooled(3, 6_000), spooled(4, 8_000)];
        let files = names(6_000, 3);
        let found = candidates(&listed, &files, 4, Reach::Listed);
        assert_eq!(seqs(&found), [(4, true)]);
    }

    #[test]
    fn files_that_slid_out_of_the_list_while_nobody_looked_are_taken_first() {
        let listed = [spooled(3, 6_000), spooled(4, 8_000)];
        let files = names(2_000, 5);
        let found = candidates(&listed, &files, 1, Reach::Listed);
        assert_eq!(seqs(&found), [(1, false), (2, false), (3, true), (4, true)]);
    }

    #[test]
    fn the_tail_is_taken_only_when_the_session_is_over() {
        let listed = [spooled(0, 1_000)];
        let files = names(1_000, 2);
        assert_eq!(seqs(&candidates(&listed, &files, 1, Reach::Listed)), []);
        assert_eq!(seqs(&candidates(&listed, &files, 1, Reach::Tail)), [(1, false)]);
        assert_eq!(seqs(&candidates(&[], &names(1_000, 1), 0, Reach::Tail)), [(0, false)]);
    }

    #[test]
    fn names_that_are_no_segments_are_left_alone() {
        let files = ["index.m3u8", "index.m3u8.bak", "-1.ts", "a.ts", ".ts"].map(String::from);
        assert_eq!(candidates(&[], &files, 0, Reach::Tail), []);
    }
}
