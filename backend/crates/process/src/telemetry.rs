//! Log lines: text or JSON, to the standard output and to a file a day.

use std::fs;
use std::io::{self, BufWriter, Stdout, Write};

use sluice_config::{Config, LogFormat};
use thiserror::Error;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// Two weeks: long enough to look into last week's show.
const FILES_KEPT: usize = 14;
/// Lines that may wait to be written. Room for them is taken at once, 32 bytes each.
const LINES_WAITING: usize = 16_384;

/// Writes what is still in memory when it is dropped: hold it until the very end of `main`.
#[must_use = "log lines are lost once it is dropped"]
pub struct Guard {
    _writer: WorkerGuard,
}

/// Why there are no log lines.
#[derive(Debug, Error)]
pub enum Error {
    /// The filter cannot be read.
    #[error("LOG_LEVEL is no filter: {0}.")]
    Filter(#[from] ParseError),
    /// The directory cannot be made.
    #[error("LOG_DIR cannot be made: {0}.")]
    Directory(io::Error),
    /// The file cannot be written.
    #[error("LOG_DIR cannot be written: {0}.")]
    File(#[from] InitError),
    /// Somebody set up logging before.
    #[error("logging is set up twice: {0}.")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets up logging for the process; files are called `<program>.<date>.log`.
///
/// Lines are written by a thread of its own: a slow disk or terminal never holds up a request. Where it cannot keep up,
/// lines are lost rather than requests.
pub fn start(config: &Config, program: &str) -> Result<Guard, Error> {
    let both = Both {
        stdout: BufWriter::new(io::stdout()),
        file: BufWriter::new(daily(config, program)?),
    };
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES_WAITING)
        .finish(both);
    let filter: Targets = config.log_level.parse()?;
    let lines = lines(config.log_format, writer).with_filter(filter);
    tracing_subscriber::registry().with(lines).try_init()?;
    Ok(Guard { _writer: guard })
}

/// The standard output and the file. The thread takes what lines there are and then has them written, in one go: when a
/// hundred encoders come at once, waking and writing cost more than all else about their lines.
///
/// A standard output that is open and not read (Ctrl-S in a terminal, a pipe whose reader hangs) holds the thread up: then
/// the file waits too, and lines are lost until it is read again.
struct Both {
    stdout: BufWriter<Stdout>,
    file: BufWriter<RollingFileAppender>,
}

impl Write for Both {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.file.write_all(line);
        // Where the one is closed, the other goes on.
        let _ = self.stdout.write_all(line);
        written.map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        let _ = self.stdout.flush();
        flushed
    }
}

fn daily(config: &Config, program: &str) -> Result<RollingFileAppender, Error> {
    fs::create_dir_all(&config.log_dir).map_err(Error::Directory)?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(program)
        .filename_suffix("log")
        .max_log_files(FILES_KEPT);
    Ok(files.build(&config.log_dir)?)
}

/// Each line is formatted once, for both places; so it has no colours.
fn lines(format: LogFormat, writer: NonBlocking) -> Box<dyn Layer<Registry> + Send + Sync> {
    let plain = fmt::layer().with_ansi(false).with_writer(writer);
    match format {
        LogFormat::Text => plain.boxed(),
        LogFormat::Json => plain.json().flatten_event(true).with_span_list(false).boxed(),
    }
}
