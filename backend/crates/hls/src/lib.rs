//! The playlist model: nginx-rtmp's text to segments, our index to text.
//!
//! Pure: bytes and numbers in, text and numbers out; no files, no clock, nothing of ours imported. Enter by
//! [`nginx_playlist::parse`] for what the media server wrote, [`wall_clock`] and [`target`] for the rules that
//! turn it into [`timeline::Segment`]s, [`media::render`] and [`multivariant::render`] for what viewers get, and
//! [`ts::span`] for a segment that no playlist describes, and [`parts::Cutter`] for one that is still being written.
//! Where a segment is stored, who may see it and when
//! a show is over is decided elsewhere.
//!
//! Section numbers are RFC 8216's.

pub mod codecs;
pub mod dvr;
mod lines;
pub mod media;
pub mod multivariant;
pub mod nginx_playlist;
pub mod parts;
pub mod recorded;
pub mod target;
pub mod timeline;
pub mod ts;
pub mod wall_clock;
