//! Writes the head of an MP4 (ISO/IEC 14496-12 and -14): what is in it, and where each sample is.
//!
//! Pictures are given their times without an edit list: decoding times are the times of presentation in growing order,
//! and each sample says how far from its own it is presented, backwards too (`ctts` version 1). Only the sound has an
//! edit list, which skips what of its first frame is before the first picture: every player knows that from the
//! encoder's delay that any AAC file begins with, and one that does not is off by less than a frame.

mod boxes;
mod sample_table;
mod tags;

pub(crate) use boxes::{full, nested};
pub(crate) use sample_table::{Chunk, Sample};

use sample_table::sample_table;

/// What a clip consists of.
#[derive(Debug)]
pub(crate) struct Movie {
    /// How long it plays, in ticks of 1/90,000 s.
    pub(crate) length: i64,
    /// The wall clock at its first frame, in milliseconds since the epoch.
    pub(crate) created_at_ms: i64,
    /// What it is called.
    pub(crate) title: Option<String>,
    /// The pictures, if there are any.
    pub(crate) video: Option<Video>,
    /// The sound, if there is any.
    pub(crate) audio: Option<Audio>,
}

/// The pictures. Times are in ticks of 1/90,000 s.
#[derive(Debug)]
pub(crate) struct Video {
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
    /// The decoder's configuration record.
    pub(crate) record: Vec<u8>,
    /// In decoding order.
    pub(crate) samples: Vec<Sample>,
    /// Where they are.
    pub(crate) chunks: Vec<Chunk>,
}

/// The sound. Times are in samples.
#[derive(Debug)]
pub(crate) struct Audio {
    /// Samples a second.
    pub(crate) rate_hz: u32,
    /// 1 for mono, 2 for stereo.
    pub(crate) channels: u8,
    /// The decoder's configuration record.
    pub(crate) record: [u8; 2],
    /// What of it is not played, at its beginning.
    pub(crate) skip: u32,
    /// In their order.
    pub(crate) samples: Vec<Sample>,
    /// Where they are.
    pub(crate) chunks: Vec<Chunk>,
}

const TIMESCALE: u32 = 90_000;
/// From 1904, when an MP4's clock began, to 1970.
const SINCE_1904_S: i64 = 2_082_844_800;
/// No turn, no shear.
const MATRIX: [u32; 9] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];

/// Everything before the samples. The chunks' places are counted from the samples' beginning, which is `base` bytes
/// from the file's; its length does not depend on it.
pub(crate) fn head(movie: &Movie, media_bytes: u64) -> Vec<u8> {
    let without_place = moov(movie, 0, media_bytes).len();
    let types = file_type();
    let media = media_header(media_bytes);
    let base = types.len() + without_place + media.len();
    [types, moov(movie, base as u64, media_bytes), media].concat()
}

fn file_type() -> Vec<u8> {
    let mut out = Vec::new();
    nested(&mut out, b"ftyp", |out| {
        out.extend_from_slice(b"isom\0\0\x02\0isomiso2avc1mp41");
    });
    out
}

/// The header of the box that holds the samples, with a length of 64 bits throughout: so it is always as long.
fn media_header(media_bytes: u64) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 1];
    out.extend_from_slice(b"mdat");
    out.extend_from_slice(&(media_bytes + 16).to_be_bytes());
    out
}

fn moov(movie: &Movie, base: u64, media_bytes: u64) -> Vec<u8> {
    let mut out = Vec::new();
    // Where 32 bits do not reach every chunk, 64 do. The head is less than the difference.
    let wide = media_bytes > u64::from(u32::MAX / 2);
    nested(&mut out, b"moov", |out| {
        movie_header(out, movie);
        if let Some(video) = &movie.video {
            nested(out, b"trak", |out| video_track(out, movie, video, base, wide));
        }
        if let Some(audio) = &movie.audio {
            nested(out, b"trak", |out| audio_track(out, movie, audio, base, wide));
        }
        tags::user_data(out, movie);
    });
    out
}

fn seconds_since_1904(movie: &Movie) -> u32 {
    u32::try_from(movie.created_at_ms.div_euclid(1000) + SINCE_1904_S).unwrap_or(0)
}

fn ticks(length: i64) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn put(out: &mut Vec<u8>, numbers: &[u32]) {
    numbers
        .iter()
        .for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
}

fn movie_header(out: &mut Vec<u8>, movie: &Movie) {
    let created = seconds_since_1904(movie);
    full(out, b"mvhd", 0, 0, |out| {
        put(
            out,
            &[
                created,
                created,
                TIMESCALE,
                ticks(movie.length),
                0x10000,
                0x0100_0000,
                0,
                0,
            ],
        );
        put(out, &MATRIX);
        put(out, &[0, 0, 0, 0, 0, 0, 3]);
    });
}

fn track_header(out: &mut Vec<u8>, movie: &Movie, id: u32, volume: u32, (width, height): (u32, u32)) {
    let created = seconds_since_1904(movie);
    // Enabled, and part of the presentation.
    full(out, b"tkhd", 0, 3, |out| {
        put(out, &[created, created, id, 0, ticks(movie.length), 0, 0, 0, volume]);
        put(out, &MATRIX);
        put(out, &[width << 16, height << 16]);
    });
}

fn media_box(out: &mut Vec<u8>, movie: &Movie, handler: &[u8; 4], (timescale, length): (u32, u32)) {
    let created = seconds_since_1904(movie);
    full(out, b"mdhd", 0, 0, |out| {
        // The language is undetermined.
        put(out, &[created, created, timescale, length, 0x55c4_0000]);
    });
    full(out, b"hdlr", 0, 0, |out| {
        put(out, &[0]);
        out.extend_from_slice(handler);
        put(out, &[0, 0, 0]);
        out.push(0);
    });
}

fn data_information(out: &mut Vec<u8>) {
    nested(out, b"dinf", |out| {
        full(out, b"dref", 0, 0, |out| {
            put(out, &[1]);
            // In this file.
            full(out, b"url ", 0, 1, |_| ());
        });
    });
}

fn video_track(out: &mut Vec<u8>, movie: &Movie, video: &Video, base: u64, wide: bool) {
    track_header(out, movie, 1, 0, (video.width, video.height));
    nested(out, b"mdia", |out| {
        media_box(out, movie, b"vide", (TIMESCALE, ticks(movie.length)));
        nested(out, b"minf", |out| {
            full(out, b"vmhd", 0, 1, |out| put(out, &[0, 0]));
            data_information(out);
            nested(out, b"stbl", |out| {
                full(out, b"stsd", 0, 0, |out| {
                    put(out, &[1]);
                    picture_entry(out, video);
                });
                sample_table(out, &video.samples, &video.chunks, base, wide);
            });
        });
    });
}

fn picture_entry(out: &mut Vec<u8>, video: &Video) {
    let short = |side: u32| u16::try_from(side).unwrap_or(u16::MAX).to_be_bytes();
    nested(out, b"avc1", |out| {
        put(out, &[0, 1, 0, 0, 0, 0]);
        out.extend_from_slice(&short(video.width));
        out.extend_from_slice(&short(video.height));
        put(out, &[0x0048_0000, 0x0048_0000, 0]);
        out.extend_from_slice(&[0, 1]);
        out.extend_from_slice(&[0; 32]);
        out.extend_from_slice(&[0, 0x18, 0xff, 0xff]);
        nested(out, b"avcC", |out| out.extend_from_slice(&video.record));
    });
}

fn audio_track(out: &mut Vec<u8>, movie: &Movie, audio: &Audio, base: u64, wide: bool) {
    let samples: u32 = audio.samples.iter().map(|sample| sample.duration).sum();
    track_header(out, movie, 2, 0x0100_0000, (0, 0));
    nested(out, b"edts", |out| {
        full(out, b"elst", 0, 0, |out| {
            let played =
                u64::from(samples.saturating_sub(audio.skip)) * u64::from(TIMESCALE) / u64::from(audio.rate_hz);
            let played = u32::try_from(played).unwrap_or(u32::MAX).min(ticks(movie.length));
            put(out, &[1, played, audio.skip, 0x10000]);
        });
    });
    nested(out, b"mdia", |out| {
        media_box(out, movie, b"soun", (audio.rate_hz, samples));
        nested(out, b"minf", |out| {
            full(out, b"smhd", 0, 0, |out| put(out, &[0]));
            data_information(out);
            nested(out, b"stbl", |out| {
                full(out, b"stsd", 0, 0, |out| {
                    put(out, &[1]);
                    sound_entry(out, audio);
                });
                sample_table(out, &audio.samples, &audio.chunks, base, wide);
            });
        });
    });
}

fn sound_entry(out: &mut Vec<u8>, audio: &Audio) {
    nested(out, b"mp4a", |out| {
        put(
            out,
            &[0, 1, 0, 0, u32::from(audio.channels) << 16 | 16, 0, audio.rate_hz << 16],
        );
        full(out, b"esds", 0, 0, |out| {
            let [high, low] = audio.record;
            // The descriptors of ISO/IEC 14496-1, each behind its tag and its length: the stream, its decoder (AAC, a
            // stream of sound), the decoder's record, and that samples are as an MP4's are.
            out.extend_from_slice(&[0x03, 25, 0, 2, 0]);
            out.extend_from_slice(&[0x04, 17, 0x40, 0x15, 0, 0, 0]);
            put(out, &[0, 0]);
            out.extend_from_slice(&[0x05, 2, high, low, 0x06, 1, 2]);
        });
    });
}
