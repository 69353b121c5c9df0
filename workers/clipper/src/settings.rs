//! How the clipper goes about its work.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use sluice_config::Config;
use sluice_domain::Millis;
use sluice_media::Ffmpeg;

/// What an operator may set, and what tests make shorter.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Clips cut at the same time.
    pub parallel: usize,
    /// Where clips are cut. What is found there at the start is removed: no two clippers may share it.
    pub scratch: PathBuf,
    /// What one clip may take there, in bytes, before it is put into the object store.
    pub scratch_bytes: u64,
    /// How often the index is asked for new clips: what a clip waits for when nothing else is to be done.
    pub poll: Duration,
    /// How long a killed clipper's clip waits for another.
    pub lease: Duration,
    /// How long a clip waits behind its end for segments that are not recorded yet. A segment has 20 s at the most, and
    /// nginx a moment to close it.
    pub edge: Millis,
    /// How long the tail of a show that has ended may take to be recorded.
    pub tail: Duration,
    /// What any clip may take, besides three times its own length.
    pub time_limit: Duration,
    /// What the object store may take for one segment or one clip.
    pub storage_limit: Duration,
    /// The wait before a segment is asked for again; it doubles, and there are three attempts.
    pub storage_wait: Duration,
    /// What is underway may go on so long after the word to stop.
    pub grace: Duration,
    /// The encoder.
    pub ffmpeg: Ffmpeg,
}

impl Settings {
    /// As the operator has it.
    pub fn of(config: &Config) -> Self {
        Self {
            parallel: config.clipper_parallel.into(),
            scratch: config.clipper_dir(),
            scratch_bytes: 8 << 30,
            poll: Duration::from_millis(200),
            lease: Duration::from_secs(9),
            edge: Millis::from_secs(25),
            tail: Duration::from_secs(3),
            time_limit: Duration::from_secs(60),
            storage_limit: Duration::from_secs(60),
            storage_wait: Duration::from_millis(250),
            grace: Duration::from_secs(5),
            ffmpeg: encoder(),
        }
    }

    /// Clips looked after at the same time: as many wait for the live edge as are cut.
    pub(crate) const fn lanes(&self) -> usize {
        self.parallel * 2
    }

    /// When a clip of that length is given up.
    pub(crate) fn limit(&self, length: Millis) -> Duration {
        let length = Duration::from_millis(u64::try_from(length.0).unwrap_or(0));
        self.time_limit + length * 3
    }
}

/// The encoder and what it may take of this machine: one thread where the process may use a single core, as two would only
/// take turns there.
pub fn encoder() -> Ffmpeg {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let most = Ffmpeg::default();
    Ffmpeg {
        threads: most.threads.min(u8::try_from(cores).unwrap_or(u8::MAX)),
        ..most
    }
}
