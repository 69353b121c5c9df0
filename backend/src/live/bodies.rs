//! Playlists as bytes, ready to send: plain and gzip, whole and as a delta update, each with its entity tag.
//!
//! The text is there from the beginning. What is made of it is made at most once for each change of the playlist, by
//! whoever asks first, and not at all when nobody does.

use std::{
    io::Write,
    str,
    sync::{Arc, OnceLock},
};

use actix_web::{http::header::HeaderValue, web::Bytes};
use flate2::{Compression, write::GzEncoder};
use sluice_hls::media::{Skip, Text};

use crate::random;

/// A blocking answer is the answer to its address for good; Apple's advice is to hold it for six target durations.
const LASTING: u64 = 6;

/// A channel's playlists.
#[derive(Debug, Default)]
pub struct Bodies {
    /// `index.m3u8`.
    pub index: Option<Arc<Body>>,
    /// `live.m3u8`.
    pub live: Option<LiveBody>,
    /// How far `live.m3u8` reaches.
    pub edge: Edge,
}

/// How far `live.m3u8` reaches: what requests for more are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// The media sequence number of the segment that comes next, or is being written.
    pub next_msn: u64,
    /// How many parts of the newest closed segment are listed.
    pub parts_of_last: usize,
    /// How many parts of the segment being written are listed.
    pub parts_of_next: usize,
    /// The part target duration in microseconds; 0 where no parts are made.
    pub part_target_us: u64,
    /// The target duration in seconds.
    pub target_s: u32,
    /// The show is over.
    pub ended: bool,
}

/// `live.m3u8`.
#[derive(Debug)]
pub struct LiveBody {
    full: Body,
    skip: Option<Skip>,
    delta: OnceLock<Body>,
    lasting: HeaderValue,
}

/// A text in the two encodings that players ask for.
#[derive(Debug)]
pub struct Body {
    bytes: Bytes,
    plain: OnceLock<Encoded>,
    gzip: OnceLock<Encoded>,
}

/// The bytes of an answer.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// What is sent.
    pub bytes: Bytes,
    /// Its strong entity tag, with the quotes.
    pub etag: HeaderValue,
}

impl Edge {
    /// Nothing more will come.
    pub const OVER: Self = Self {
        next_msn: 0,
        parts_of_last: 0,
        parts_of_next: 0,
        part_target_us: 0,
        target_s: 0,
        ended: true,
    };
}

impl Encoded {
    /// Bytes as they are sent.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let etag = etag(&bytes);
        Self { bytes, etag }
    }
}

impl LiveBody {
    /// The bodies of a playlist with this target duration in seconds.
    pub fn of(text: Text, target_s: u32) -> Self {
        Self {
            full: Body::of(text.full),
            skip: text.skip,
            delta: OnceLock::new(),
            lasting: lasting(target_s),
        }
    }

    /// How long a cache may answer with it whoever asks for what it reaches.
    pub const fn lasting(&self) -> &HeaderValue {
        &self.lasting
    }

    /// The whole playlist.
    pub const fn full(&self) -> &Body {
        &self.full
    }

    /// The delta update; the whole playlist where there is nothing to skip.
    pub fn delta(&self) -> &Body {
        let Some(skip) = &self.skip else {
            return &self.full;
        };
        self.delta.get_or_init(|| {
            let full = str::from_utf8(&self.full.bytes).unwrap_or_default();
            Body::of(skip.delta(full))
        })
    }
}

impl Body {
    /// The body of a text.
    pub fn of(text: String) -> Self {
        Self {
            bytes: Bytes::from(text),
            plain: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// As it is.
    pub fn plain(&self) -> &Encoded {
        self.plain.get_or_init(|| Encoded::of(self.bytes.clone()))
    }

    /// In gzip, as Apple's authoring specification (10.1) asks of playlists.
    pub fn gzip(&self) -> &Encoded {
        self.gzip.get_or_init(|| Encoded::of(gzip(&self.bytes)))
    }
}

/// How long a cache may keep a blocking answer of a playlist with this target duration in seconds.
pub(super) fn lasting(target_s: u32) -> HeaderValue {
    let lasting = format!("public, max-age={}", u64::from(target_s) * LASTING);
    HeaderValue::try_from(lasting).unwrap_or(HeaderValue::from_static("no-cache"))
}

/// Of the bytes alone, so that it means the same after a restart and on another node.
fn etag(bytes: &[u8]) -> HeaderValue {
    let tag: String = random::fingerprint(bytes).chars().take(16).collect();
    // Sixteen hexadecimal digits are a header's value.
    HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default()
}
