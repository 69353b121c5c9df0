//! Asks ffprobe.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process;
use crate::{Error, Probe};

/// What is asked for; the less, the sooner it is answered.
const ENTRIES: &str = "stream=codec_type,codec_name,profile,level,width,height,avg_frame_rate,r_frame_rate,\
    sample_rate,channels:format=duration,bit_rate";

/// The ffprobe program, and how long it may take.
#[derive(Clone, Debug)]
pub struct Ffprobe {
    /// A path, or a name that is looked up in `PATH`.
    pub program: PathBuf,
    /// When it is killed. A segment is probed in 50 ms; a busy machine takes a second.
    pub time_limit: Duration,
}

impl Default for Ffprobe {
    /// `ffprobe` out of `PATH`, with ten seconds.
    fn default() -> Self {
        Self {
            program: "ffprobe".into(),
            time_limit: Duration::from_secs(10),
        }
    }
}

impl Ffprobe {
    /// What the file at `path` is made of. Only this file is read, whatever it refers to.
    pub async fn probe(&self, path: &Path) -> Result<Probe, Error> {
        let mut input = OsString::from("file:");
        input.push(path);
        let options = [
            "-v",
            "error",
            "-protocol_whitelist",
            "file",
            "-of",
            "json",
            "-show_entries",
            ENTRIES,
            "-i",
        ];
        let arguments = options.into_iter().map(OsString::from).chain([input]);
        let answer = process::answer(&self.program, arguments, self.time_limit).await?;
        Ok(Probe::from_json(&answer)?)
    }
}

/// What the file at `path` is made of, by the installed ffprobe.
pub async fn probe(path: &Path) -> Result<Probe, Error> {
    Ffprobe::default().probe(path).await
}
