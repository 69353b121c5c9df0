//! Playlists as bytes, ready to send: plain and gzip, each with its entity tag. Built once per segment.

use std::io::Write;

use actix_web::web::Bytes;
use flate2::{Compression, write::GzEncoder};

use crate::random;

/// A text in the two encodings that players ask for.
#[derive(Clone, Debug)]
pub struct Body {
    /// As it is.
    pub plain: Encoded,
    /// In gzip, as Apple's authoring specification (10.1) asks of playlists.
    pub gzip: Encoded,
}

/// The bytes of an answer.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// What is sent.
    pub bytes: Bytes,
    /// Its strong entity tag, with the quotes.
    pub etag: String,
}

/// A channel's playlists.
#[derive(Clone, Debug, Default)]
pub struct Bodies {
    /// `index.m3u8`.
    pub index: Option<Body>,
    /// `live.m3u8`.
    pub live: Option<Body>,
    /// The show is over.
    pub ended: bool,
}

impl Body {
    /// Encodes a playlist.
    pub fn of(text: String) -> Self {
        let tag: String = random::fingerprint(&text).chars().take(16).collect();
        let zipped = gzip(text.as_bytes());
        Self {
            plain: Encoded {
                bytes: Bytes::from(text),
                etag: format!("\"{tag}\""),
            },
            gzip: Encoded {
                bytes: Bytes::from(zipped),
                etag: format!("\"{tag}-gzip\""),
            },
        }
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default()
}
