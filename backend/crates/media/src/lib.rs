//! The only door to ffmpeg's programs: nothing else starts one.
//!
//! Enter by [`probe`](probe()), which tells what a media file is made of, [`cut`], which makes clips, or [`pictures`]. Every program runs in a process group of its
//! own with a bound on its time and its words, and the whole group is killed when the time is up or the caller goes
//! away. What is done with the answer is decided elsewhere.

mod aac;
mod cut;
mod encoder;
mod error;
mod ffprobe;
mod h264;
mod keyframe;
mod mp4;
mod pictures;
mod probe;
mod process;
mod sheet;
mod ts;

pub use cut::{Cut, CutError, Ffmpeg, Made, Source, cut};
pub use error::Error;
pub use ffprobe::{Ffprobe, probe};
pub use keyframe::{Keyframe, Search};
pub use pictures::{Pictures, Tile, Want, pictures};
pub use probe::{Audio, Probe, Video};
pub use sheet::sheet;
