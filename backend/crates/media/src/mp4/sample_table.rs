//! Where every sample is, how long, when it is decoded and when presented (ISO/IEC 14496-12, 8.6 and 8.7).

use super::{full, put};

/// A frame of picture or sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Its length in bytes.
    pub(crate) bytes: u32,
    /// Until the next one is decoded, in the track's time.
    pub(crate) duration: u32,
    /// How much later than decoded it is presented, in the track's time; less than nothing where it is earlier.
    pub(crate) offset: i32,
    /// Decoding can begin here.
    pub(crate) is_sync: bool,
}

/// Samples that lie one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// How many.
    pub(crate) samples: u32,
    /// From the beginning of all samples, in bytes.
    pub(crate) place: u64,
}

/// The tables behind the description of what samples are.
pub(super) fn sample_table(out: &mut Vec<u8>, samples: &[Sample], chunks: &[Chunk], base: u64, wide: bool) {
    pairs(out, b"stts", 0, samples.iter().map(|sample| sample.duration));
    if samples.iter().any(|sample| sample.offset != 0) {
        pairs(
            out,
            b"ctts",
            1,
            samples.iter().map(|sample| sample.offset.cast_unsigned()),
        );
    }
    if samples.iter().any(|sample| !sample.is_sync) {
        let numbered = samples.iter().zip(1_u32..);
        let sync: Vec<u32> = numbered
            .filter(|(sample, _)| sample.is_sync)
            .map(|(_, number)| number)
            .collect();
        full(out, b"stss", 0, 0, |out| list(out, &sync));
    }
    let sizes: Vec<u32> = samples.iter().map(|sample| sample.bytes).collect();
    full(out, b"stsz", 0, 0, |out| {
        put(out, &[0]);
        list(out, &sizes);
    });
    chunk_lengths(out, chunks);
    places(out, chunks, base, wide);
}

fn list(out: &mut Vec<u8>, numbers: &[u32]) {
    put(out, &[count(numbers.len())]);
    put(out, numbers);
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A table of how often each value comes in a row.
fn pairs(out: &mut Vec<u8>, kind: &[u8; 4], version: u8, values: impl Iterator<Item = u32>) {
    let mut rows: Vec<[u32; 2]> = Vec::new();
    for value in values {
        match rows.last_mut() {
            Some([times, last]) if *last == value => *times += 1,
            _ => rows.push([1, value]),
        }
    }
    full(out, kind, version, 0, |out| {
        put(out, &[count(rows.len())]);
        put(out, rows.as_flattened());
    });
}

/// From which chunk on chunks have how many samples.
fn chunk_lengths(out: &mut Vec<u8>, chunks: &[Chunk]) {
    let mut rows: Vec<[u32; 3]> = Vec::new();
    for (chunk, number) in chunks.iter().zip(1_u32..) {
        if rows.last().is_none_or(|[_, samples, _]| *samples != chunk.samples) {
            rows.push([number, chunk.samples, 1]);
        }
    }
    full(out, b"stsc", 0, 0, |out| {
        put(out, &[count(rows.len())]);
        put(out, rows.as_flattened());
    });
}

fn places(out: &mut Vec<u8>, chunks: &[Chunk], base: u64, wide: bool) {
    let kind = if wide { b"co64" } else { b"stco" };
    full(out, kind, 0, 0, |out| {
        put(out, &[count(chunks.len())]);
        for chunk in chunks {
            let place = base + chunk.place;
            match wide {
                true => out.extend_from_slice(&place.to_be_bytes()),
                false => put(out, &[u32::try_from(place).unwrap_or(u32::MAX)]),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(table: &[u8]) -> Vec<u32> {
        let words = table
            .chunks_exact(4)
            .map(|word| u32::from_be_bytes(word.try_into().unwrap()));
        words.skip(3).collect()
    }

    #[test]
    fn equal_values_in_a_row_are_counted() {
        let mut out = Vec::new();
        pairs(&mut out, b"stts", 0, [3000, 3000, 3003, 3000].into_iter());
        assert_eq!(numbers(&out), [3, 2, 3000, 1, 3003, 1, 3000]);
    }

    #[test]
    fn chunks_say_where_their_length_changes_and_where_they_are() {
        let chunk = |samples, place| Chunk { samples, place };
        let chunks = [chunk(15, 0), chunk(15, 100), chunk(7, 230)];
        let mut out = Vec::new();
        chunk_lengths(&mut out, &chunks);
        assert_eq!(numbers(&out), [2, 1, 15, 1, 3, 7, 1]);
        out.clear();
        places(&mut out, &chunks, 1000, false);
        assert_eq!(numbers(&out), [3, 1000, 1100, 1230]);
        out.clear();
        places(&mut out, &chunks, 1 << 32, true);
        assert_eq!(numbers(&out), [3, 1, 0, 1, 100, 1, 230]);
    }
}
