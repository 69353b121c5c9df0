//! Runs a program in a process group of its own, with a bound on its time and its words.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::Error;

/// What is kept of a program's answer; ffprobe's has 2 KB.
const ANSWER_BYTES: u64 = 1 << 20;
/// What is kept of its complaints. A damaged stream makes ffmpeg write megabytes of them.
const COMPLAINT_BYTES: u64 = 8 << 10;
/// What of its complaints goes into an error, in characters.
const REASON_CHARS: usize = 400;

/// The answer of a program that ended well, cut to [`ANSWER_BYTES`].
///
/// When `time_limit` is over, or the future is dropped, the program and all it has started are killed.
pub(crate) async fn answer<I, S>(program: &Path, arguments: I, time_limit: Duration) -> Result<Vec<u8>, Error>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = tokio::time::timeout(time_limit, run(command)).await;
    let Ok(ended) = run else {
        return Err(Error::Slow {
            program: program.to_owned(),
            after_ms: time_limit.as_millis(),
        });
    };
    match ended {
        Ok((status, answer, _)) if status.success() => Ok(answer),
        Ok((status, _, complaints)) => Err(Error::Refused {
            program: program.to_owned(),
            reason: reason(status, &complaints),
        }),
        Err(missing) if missing.kind() == ErrorKind::NotFound => Err(Error::Missing(program.to_owned())),
        Err(source) => Err(Error::Process {
            program: program.to_owned(),
            source,
        }),
    }
}

/// How a program ended, the beginning of its answer, and the beginning of its complaints.
async fn run(mut command: Command) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let mut child = command.process_group(0).kill_on_drop(true).spawn()?;
    let mut group = Group::of(child.id());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (answer, complaints) = tokio::try_join!(beginning(stdout, ANSWER_BYTES), beginning(stderr, COMPLAINT_BYTES))?;
    let status = child.wait().await?;
    group.has_ended();
    Ok((status, answer, complaints))
}

/// Reads to the end and keeps the beginning, so that nobody has to wait for a reader.
async fn beginning(pipe: Option<impl AsyncRead + Unpin>, bytes: u64) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        (&mut pipe).take(bytes).read_to_end(&mut kept).await?;
        tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    }
    Ok(kept)
}

/// A process group that is killed when this is dropped before its leader has ended.
pub(crate) struct Group(Option<Pid>);

impl Group {
    pub(crate) fn of(leader: Option<u32>) -> Self {
        Self(leader.and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    /// The leader's id may belong to someone else from now on.
    pub(crate) fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // An error means that nobody is left.
            let _ = killpg(leader, Signal::SIGKILL);
        }
    }
}

/// A program's own words on one line, or how it ended where it had none.
pub(crate) fn reason(status: ExitStatus, complaints: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaints);
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    match words.is_empty() {
        true => status.to_string(),
        false => words.join(" ").chars().take(REASON_CHARS).collect(),
    }
}
