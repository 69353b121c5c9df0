//! What ffmpeg is asked to encode, and how it is asked. One ffmpeg does several pieces and the poster.
//!
//! It is given bare H.264 and gives back bare H.264: which pictures, and when they are presented, is known here, to the
//! tick, and never left to what a container or a decoder makes of time.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::aac::Config;
use crate::h264::Sps;

/// Bare H.264 to decode, and which of the pictures to keep, in the order of presentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The file.
    pub(crate) path: PathBuf,
    /// The first to keep.
    pub(crate) first: usize,
    /// The last to keep.
    pub(crate) last: usize,
}

/// What is made of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// H.264 like the pictures beside it.
    Video {
        /// The input's place.
        input: usize,
        /// The file.
        path: PathBuf,
        /// The pictures beside it.
        like: Like,
    },
    /// A JPEG of an input's first picture that is kept.
    Poster {
        /// The input's place.
        input: usize,
        /// The file.
        path: PathBuf,
    },
}

/// What H.264 must be like to be put beside other H.264.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Like {
    /// The parameter sets beside it.
    pub(crate) sps: Sps,
    /// The id of its own, which is none of theirs.
    pub(crate) id: u32,
    /// Frames in a thousand seconds.
    pub(crate) frame_rate_milli: u32,
    /// The same for all pieces of a clip: those of one source share their parameter sets.
    pub(crate) effort: Effort,
}

/// What the encoder is to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Time, as somebody waits: few bytes are spent for it.
    Quick,
    /// Bytes, as there are many.
    Thrifty,
}

/// Sound to convert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sounds {
    /// ADTS frames.
    pub(crate) input: PathBuf,
    /// ADTS frames like those beside them.
    pub(crate) output: PathBuf,
    /// How those are decoded.
    pub(crate) like: Config,
}

/// In seconds: what is encoded where the rest is copied is rarely longer.
const SHORT_S: u64 = 10;

/// Where posters are not wider than this, in pixels.
const POSTER_WIDTH: u32 = 1280;

/// The arguments that do all of it. `frame_rate_milli` only tells the encoder how bits are spread.
pub(crate) fn arguments(
    inputs: &[Input],
    outputs: &[Output],
    sounds: &[Sounds],
    frame_rate_milli: u32,
    threads: u8,
) -> Vec<OsString> {
    let mut arguments = Arguments::default();
    arguments.words("-nostdin -hide_banner -y -v level+error -stats -stats_period 0.2 -protocol_whitelist file");
    for input in inputs {
        // Strict, a decoder waits for as many pictures as a stream may ever reorder, and never shows one too late.
        arguments.words(&format!("-threads {threads} -strict strict -f h264"));
        arguments.words(&format!("-framerate {frame_rate_milli}/1000 -i"));
        arguments.file(&input.path);
    }
    for sound in sounds {
        arguments.words("-f aac -i");
        arguments.file(&sound.input);
    }
    for output in outputs {
        match output {
            Output::Video { input, path, like } => {
                arguments.video(inputs.get(*input), *input, like, threads);
                arguments.file(path);
            }
            Output::Poster { input, path } => {
                arguments.poster(inputs.get(*input), *input);
                arguments.file(path);
            }
        }
    }
    for (at, sound) in sounds.iter().enumerate() {
        let like = sound.like;
        arguments.words(&format!("-map {}:a -c:a aac -b:a 160k", inputs.len() + at));
        arguments.words(&format!("-ar {} -ac {} -f adts", like.rate_hz(), like.channels));
        arguments.file(&sound.output);
    }
    arguments.0
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn words(&mut self, words: &str) {
        self.0.extend(words.split_ascii_whitespace().map(OsString::from));
    }

    /// A file's name is never an option or a protocol.
    fn file(&mut self, path: &Path) {
        let mut name = OsString::from("file:");
        name.push(path);
        self.0.push(name);
    }

    fn video(&mut self, input: Option<&Input>, number: usize, like: &Like, threads: u8) {
        let (first, last) = input.map_or((0, 0), |input| (input.first, input.last));
        let Sps {
            width, height, level, ..
        } = like.sps;
        let rate = like.frame_rate_milli;
        // A keyframe every two seconds where all is encoded.
        let group = (rate / 500).max(1);
        self.words(&format!("-map {number}:v -an -fps_mode passthrough -vf"));
        self.words(&format!(
            "select=between(n\\,{first}\\,{last}),setpts=N*1000/({rate}*TB),\
             scale={width}:{height}:force_original_aspect_ratio=decrease,\
             pad={width}:{height}:-1:-1,format=yuv420p"
        ));
        self.words(&format!(
            "-c:v libx264 {} -profile:v {}",
            like.effort.words(),
            profile(&like.sps)
        ));
        self.words(&format!(
            "-level:v {}.{} -threads {threads} -x264-params",
            level / 10,
            level % 10
        ));
        self.words(&format!(
            "sps-id={}:aud=1:bframes=0:ref=1:scenecut=0:keyint={group}:min-keyint=1{}",
            like.id,
            like.effort.lift(&like.sps)
        ));
        self.words("-f h264");
    }

    fn poster(&mut self, input: Option<&Input>, number: usize) {
        let first = input.map_or(0, |input| input.first);
        self.words(&format!("-map {number}:v -an -frames:v 1 -fps_mode passthrough -vf"));
        self.words(&format!(
            "select=eq(n\\,{first}),scale=min({POSTER_WIDTH}\\,iw):-2,format=yuvj420p"
        ));
        self.words("-c:v mjpeg -q:v 4 -f image2 -update 1");
    }
}

impl Effort {
    /// For so many pictures in all.
    pub(crate) fn of(pictures: usize, frame_rate_milli: u32) -> Self {
        match pictures as u64 * 1000 <= SHORT_S * u64::from(frame_rate_milli) {
            true => Self::Quick,
            false => Self::Thrifty,
        }
    }

    /// As libx264 takes it. Noisy 1080p comes out as near to its source either way, at 46 dB.
    fn words(self) -> &'static str {
        match self {
            Self::Quick => "-preset ultrafast -crf 24",
            Self::Thrifty => "-preset veryfast -crf 18",
        }
    }

    /// What makes the encoder write the profile that it is told: it writes the least that its preset needs.
    fn lift(self, sps: &Sps) -> &'static str {
        match (self, profile(sps)) {
            (Self::Quick, "high") => ":8x8dct=1",
            (Self::Quick, "main") => ":cabac=1",
            _ => "",
        }
    }
}

/// libx264's name of the profile.
fn profile(sps: &Sps) -> &'static str {
    match sps.profile {
        66 => "baseline",
        77 => "main",
        _ => "high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_seconds_are_encoded_quickly_and_more_are_not() {
        assert_eq!(Effort::of(300, 30_000), Effort::Quick);
        assert_eq!(Effort::of(301, 30_000), Effort::Thrifty);
        assert_eq!(Effort::of(1, 0), Effort::Thrifty, "nothing is known of its rate");
    }
}
