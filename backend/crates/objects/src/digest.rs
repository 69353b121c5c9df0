//! What a file is compared by: its length and its checksum.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};

/// Read at a time: a few calls for a segment, and small beside one.
const BUFFER: usize = 256 * 1024;

/// The MD5 of a file's bytes.
///
/// It is what every S3 server checks a body against on arrival (`Content-MD5`). It finds what goes wrong by accident;
/// whoever would forge an object needs the secret key, and then needs no collision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checksum([u8; 16]);

/// What a file is: equal digests are equal files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its checksum.
    pub checksum: Checksum,
}

impl Digest {
    /// Reads a file to its end. Blocks.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut hash, mut bytes, mut buffer) = (Md5::new(), 0, vec![0; BUFFER]);
        loop {
            let read = match file.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            hash.update(buffer.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        let checksum = Checksum(hash.finalize().into());
        Ok(Self { bytes, checksum })
    }
}

impl Checksum {
    /// Of bytes at hand.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Md5::digest(bytes).into())
    }

    /// As 32 hexadecimal digits, which is also what `Display` shows; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// As the header `Content-MD5` has it.
    pub(crate) fn base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_read_back_as_it_was_written() {
        let checksum = Checksum::of(b"one segment");
        assert_eq!(Checksum::parse(&checksum.to_string()), Some(checksum));
        assert_eq!(Checksum::of(b"").to_string(), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Checksum::of(b"").base64(), "1B2M2Y8AsgTpgAmY7PhCfg==");
        for text in [
            "",
            "d41d8cd98f00b204e9800998ecf8427",
            "+41d8cd98f00b204e9800998ecf8427e",
            "xyz",
        ] {
            assert_eq!(Checksum::parse(text).map(|_| ()), None, "{text}");
        }
    }

    #[test]
    fn a_files_digest_is_that_of_all_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let (path, bytes) = (dir.path().join("a.ts"), vec![7; 3 * BUFFER + 1]);
        std::fs::write(&path, &bytes).unwrap();
        let digest = Digest::of(&path).unwrap();
        assert_eq!(
            (digest.bytes, digest.checksum),
            (bytes.len() as u64, Checksum::of(&bytes))
        );
    }
}
