//! Runs ffmpeg and tells how far it is.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use ffmpeg_sidecar::event::FfmpegEvent;
use ffmpeg_sidecar::log_parser::FfmpegLogParser;
use rustix::process::{Pid, setpriority_pgrp};
use tokio::sync::mpsc;

use crate::Error;
use crate::process::{Group, reason};

/// What is kept of its complaints.
const COMPLAINT_BYTES: usize = 8 << 10;
/// A line that is longer is taken for several: a line is held in memory.
const LINE_BYTES: usize = 4 << 10;
/// Below whatever answers viewers.
const NICENESS: i32 = 10;

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
    // Gone already: then it does not matter.
    let _ = setpriority_pgrp(Some(Pid::from_child(&child)), NICENESS);
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
    let (status, complaints) = ended.map_err(failed(program))?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::Refused {
            program: program.to_owned(),
            reason: reason(status, &complaints),
        }),
    }
}

fn failed(program: &Path) -> impl FnOnce(io::Error) -> Error {
    let program = program.to_owned();
    move |source| Error::Process { program, source }
}

/// Reads all that the program says, and waits for it.
fn listen(mut child: Child, frames: &mpsc::Sender<u32>) -> io::Result<(ExitStatus, Vec<u8>)> {
    let mut complaints = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut events = FfmpegLogParser::new(Lines::new(stderr));
        loop {
            match events.parse_next_event() {
                Ok(FfmpegEvent::LogEOF) => break,
                // Whoever listens may be slow: it will hear the next one.
                Ok(FfmpegEvent::Progress(progress)) => drop(frames.try_send(progress.frame)),
                Ok(FfmpegEvent::Log(_, line)) if complaints.len() + line.len() < COMPLAINT_BYTES => {
                    complaints.extend_from_slice(line.as_bytes());
                    complaints.push(b'\n');
                }
                // A line that looks like something else than it is.
                Ok(_) | Err(_) => (),
            }
        }
    }
    Ok((child.wait()?, complaints))
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
