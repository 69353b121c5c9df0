//! Runs ffmpeg and tells how far it is.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use ffmpeg_sidecar::event::FfmpegEvent;
use ffmpeg_sidecar::log_parser::FfmpegLogParser;
use tokio::sync::mpsc;

use crate::Error;
use crate::process::{Group, reason};

/// What is kept of its complaints.
const COMPLAINT_BYTES: usize = 8 << 10;
/// A line that is longer is taken for several: a line is held in memory.
const LINE_BYTES: usize = 4 << 10;
/// What ffmpeg says when it cannot write a file. Where that is the file's last bytes, it ends well all the same.
const UNWRITTEN: [&str; 3] = [
    "av_interleaved_write_frame()",
    "Error writing trailer",
    "Error closing file",
];

/// What the program has said.
struct Said {
    complaints: Vec<u8>,
    /// Nothing of what it made is missing.
    is_written: bool,
}

impl Said {
    fn take(&mut self, line: &str) {
        if self.is_written && UNWRITTEN.iter().any(|words| line.contains(words)) {
            self.is_written = false;
            // Whatever it has complained of before, this is why its work is worth nothing.
            self.complaints.clear();
        }
        if self.complaints.len() + line.len() < COMPLAINT_BYTES {
            self.complaints.extend_from_slice(line.as_bytes());
            self.complaints.push(b'\n');
        }
    }
}

/// Runs the program to its end; `progress` hears how many frames its first output has. It and all it has started are
/// killed when the future is dropped.
pub(crate) async fn run(program: &Path, arguments: Vec<OsString>, mut progress: impl FnMut(u32)) -> Result<(), Error> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0);
    let child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::Missing(program.to_owned()),
        _ => failed(program)(error),
    })?;
    let mut group = Group::of(Some(child.id()));
    let (frames, mut heard) = mpsc::channel(16);
    let mut ended = tokio::task::spawn_blocking(move || listen(child, &frames));
    let ended = loop {
        tokio::select! {
            Some(frame) = heard.recv() => progress(frame),
            ended = &mut ended => break ended,
        }
    };
    let ended = ended.map_err(io::Error::other).and_then(|ended| ended);
    group.has_ended();
    let (status, said) = ended.map_err(failed(program))?;
    match status.success() && said.is_written {
        true => Ok(()),
        false => Err(Error::Refused {
            program: program.to_owned(),
            reason: reason(status, &said.complaints),
        }),
    }
}

fn failed(program: &Path) -> impl FnOnce(io::Error) -> Error {
    let program = program.to_owned();
    move |source| Error::Process { program, source }
}

/// Reads all that the program says, and waits for it.
fn listen(mut child: Child, frames: &mpsc::Sender<u32>) -> io::Result<(ExitStatus, Said)> {
    let mut said = Said {
        complaints: Vec::new(),
        is_written: true,
    };
    if let Some(stderr) = child.stderr.take() {
        let mut events = FfmpegLogParser::new(Lines::new(stderr));
        loop {
            match events.parse_next_event() {
                Ok(FfmpegEvent::LogEOF) => break,
                // Whoever listens may be slow: it will hear the next one.
                Ok(FfmpegEvent::Progress(progress)) => drop(frames.try_send(progress.frame)),
                Ok(FfmpegEvent::Log(_, line)) => said.take(&line),
                // A line that looks like something else than it is.
                Ok(_) | Err(_) => (),
            }
        }
    }
    Ok((child.wait()?, said))
}

/// Breaks lines that are too long.
struct Lines<R> {
    inner: R,
    since_break: usize,
}

impl<R> Lines<R> {
    fn new(inner: R) -> Self {
        Self { inner, since_break: 0 }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match buffer.get_mut(..LINE_BYTES.min(buffer.len())) {
            Some(short) => self.inner.read(short)?,
            None => 0,
        };
        for byte in buffer.iter_mut().take(read) {
            self.since_break += 1;
            if matches!(byte, b'\n' | b'\r') {
                self.since_break = 0;
            } else if self.since_break >= LINE_BYTES {
                *byte = b'\n';
                self.since_break = 0;
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reason_of(program: &str, arguments: &[&str]) -> String {
        let arguments = arguments.iter().map(OsString::from).collect();
        match run(Path::new(program), arguments, |_| ()).await {
            Err(Error::Refused { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_refused_however_the_program_ends_and_whatever_else_it_says() {
        for words in UNWRITTEN {
            for exit in [0, 1] {
                let lines = format!(
                    "for i in $(seq 2000); do echo '[error] no picture' >&2; done
                     echo '[error] {words}: No space left on device' >&2; exit {exit}"
                );
                let reason = reason_of("sh", &["-c", &lines]).await;
                assert!(reason.contains("No space left"), "{reason}");
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_ffmpeg_cannot_write_is_refused() {
        let source = "-nostdin -v level+error -y -f lavfi -i testsrc2=size=64x36:rate=30:duration=1";
        let arguments: Vec<&str> = source.split(' ').chain(["-f", "h264", "file:/dev/full"]).collect();
        let reason = reason_of("ffmpeg", &arguments).await;
        assert!(reason.contains("No space left"), "{reason}");
    }

    #[test]
    fn endless_lines_are_broken_and_others_left_alone() {
        let mut endless = Vec::new();
        let stream = [&b"a\nb\r"[..], &[b'x'; 3 * LINE_BYTES]].concat();
        Lines::new(&stream[..]).read_to_end(&mut endless).unwrap();
        assert!(endless.starts_with(b"a\nb\rx"));
        let longest = endless
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .map(<[u8]>::len)
            .max();
        assert!(longest.unwrap() <= LINE_BYTES);
    }
}
