//! The only door to ffmpeg's programs: nothing else starts one.
//!
//! Enter by [`probe`](probe()), which tells what a media file is made of. Every program runs in a process group of its
//! own with a bound on its time and its words, and the whole group is killed when the time is up or the caller goes
//! away. What is done with the answer is decided elsewhere.

mod error;
mod ffprobe;
mod probe;
mod process;

pub use error::Error;
pub use ffprobe::{Ffprobe, probe};
pub use probe::{Audio, Probe, Video};
