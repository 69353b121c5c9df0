//! Why one of ffmpeg's programs gave no answer.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why there is no answer. The texts are for operators; they may name paths.
#[derive(Debug, Error)]
pub enum Error {
    /// The program is not installed, or not where it was said to be.
    #[error("{} is not installed", .0.display())]
    Missing(PathBuf),
    /// The program could not be started, or its words not be read.
    #[error("running {}: {source}", program.display())]
    Process {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program took too long and was killed.
    #[error("{} was killed after {after_ms} ms", program.display())]
    Slow {
        /// The program.
        program: PathBuf,
        /// The time it had, in milliseconds.
        after_ms: u128,
    },
    /// The program could do nothing with the file.
    #[error("{} refused the file: {reason}", program.display())]
    Refused {
        /// The program.
        program: PathBuf,
        /// Its own last words, on one line and cut to a few hundred characters.
        reason: String,
    },
    /// The program's answer has another shape than expected.
    #[error("the answer cannot be read: {0}")]
    Answer(#[from] serde_json::Error),
}
