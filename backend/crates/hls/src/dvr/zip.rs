//! gzip out of pieces that are compressed one by one, so that what has not changed is not compressed again.
//!
//! A deflate stream may be cut at byte boundaries (RFC 1951, 3.2.3: a block that stores nothing), and the checksum of a
//! whole is had from those of its parts. So pieces are put together by copying them.

use std::{io::Write, sync::Arc};

use flate2::{Compression, Crc, write::DeflateEncoder};

/// RFC 1952, 2.3: deflate, no flags, no time, no operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// A last block without content.
const END: [u8; 2] = [0x03, 0x00];

/// A compressed piece.
#[derive(Debug)]
pub(super) struct Zipped {
    deflated: Box<[u8]>,
    crc: Crc,
}

/// Compresses a piece.
pub(super) fn piece(text: &str) -> Zipped {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(text.len() / 8), Compression::default());
    // Writing to a Vec cannot fail. A flush ends at a byte; what dropping the encoder writes is not looked at.
    let _ = encoder.write_all(text.as_bytes());
    let _ = encoder.flush();
    let deflated = std::mem::take(encoder.get_mut()).into_boxed_slice();
    Zipped { deflated, crc }
}

/// Puts pieces together.
pub(super) fn gzip(pieces: &[Arc<Zipped>]) -> Vec<u8> {
    let length: usize = pieces.iter().map(|piece| piece.deflated.len()).sum();
    let mut bytes = Vec::with_capacity(length + HEADER.len() + END.len() + 8);
    bytes.extend_from_slice(&HEADER);
    let mut crc = Crc::new();
    for piece in pieces {
        bytes.extend_from_slice(&piece.deflated);
        crc.combine(&piece.crc);
    }
    bytes.extend_from_slice(&END);
    bytes.extend_from_slice(&crc.sum().to_le_bytes());
    bytes.extend_from_slice(&crc.amount().to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn unzipped(gzip: &[u8]) -> String {
        let mut text = String::new();
        GzDecoder::new(gzip).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn pieces_that_are_put_together_are_the_gzip_of_the_whole() {
        let texts = ["", "#EXTM3U\n", &"segments/a.ts\n".repeat(4000), "", "end"];
        let pieces: Vec<_> = texts.iter().map(|text| Arc::new(piece(text))).collect();
        let whole = gzip(&pieces);
        assert_eq!(unzipped(&whole), texts.concat());
        assert_eq!(unzipped(&gzip(&[])), "");
    }
}
