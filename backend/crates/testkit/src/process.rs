//! Child processes that end with the test, whatever becomes of it.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};

use crate::wait::wait_here;

/// How long a process may take to end after a signal that it may handle.
const END_BOUND: Duration = Duration::from_secs(60);
/// Lines of a log that are shown when a test fails.
const SHOWN_LINES: usize = 60;

/// What to start.
#[derive(Clone, Debug)]
pub struct Launch {
    program: OsString,
    args: Vec<OsString>,
    env: BTreeMap<String, String>,
    dir: PathBuf,
    log: PathBuf,
    death_signal: &'static str,
}

impl Launch {
    /// `program`, with everything it prints appended to `log`, an environment of PATH alone, in the log's directory.
    pub fn new(program: impl AsRef<OsStr>, log: impl Into<PathBuf>) -> Self {
        let log = log.into();
        // Debian keeps servers where an ordinary user's PATH does not look.
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: BTreeMap::from([("PATH".to_owned(), path)]),
            dir: log.parent().expect("a log is in a directory").to_owned(),
            log,
            death_signal: "KILL",
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Adds variables to its environment.
    #[must_use]
    pub fn env(mut self, env: &BTreeMap<String, String>) -> Self {
        self.env.extend(env.clone());
        self
    }

    /// Sends SIGTERM instead of SIGKILL when the test dies: for a process that has children of its own to end.
    #[must_use]
    pub const fn ends_its_own_children(mut self) -> Self {
        self.death_signal = "TERM";
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(self) -> Child {
        let log = self.log.clone();
        let inner = nursery::spawn(self.command()).expect("setpriv of util-linux can be started");
        Child {
            inner,
            log,
            ended: None,
        }
    }

    /// `setpriv` replaces itself by the program, having asked the kernel to end it when its parent thread dies.
    fn command(self) -> Command {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .expect("the log can be written");
        let mut command = Command::new("setpriv");
        command
            .arg("--pdeathsig")
            .arg(self.death_signal)
            .arg(self.program)
            .args(self.args)
            .env_clear()
            .envs(self.env)
            .current_dir(self.dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be doubled"))
            .stderr(log)
            .process_group(0);
        command
    }
}

/// A process of its own group. Dropped, the whole group is killed.
#[derive(Debug)]
pub struct Child {
    inner: std::process::Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Child {
    /// Its process id, which is also its group's.
    pub fn id(&self) -> u32 {
        self.inner.id()
    }

    /// Every thread of it is nice, and leaves cores alone that it could have.
    ///
    /// # Panics
    /// Without `/proc`.
    pub fn stands_back(&self) -> bool {
        let cores = |status: &Path| -> u32 {
            let status = fs::read_to_string(status).unwrap_or_default();
            let mask = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed:"));
            let digits = mask.unwrap_or_default().chars().filter_map(|digit| digit.to_digit(16));
            digits.map(u32::count_ones).sum()
        };
        let all = cores(Path::new("/proc/self/status"));
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).expect("its threads");
        tasks.filter_map(Result::ok).all(|task| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // Behind the name, which may be anything (proc_pid_stat(5)): the state is the first, the niceness the 17th.
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            let nice: Option<i32> = fields.split_whitespace().nth(16).and_then(|nice| nice.parse().ok());
            nice.is_some_and(|nice| nice > 0) && (all == 1 || cores(&task.path().join("status")) < all)
        })
    }

    /// It has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.status().is_none()
    }

    /// How it ended; nothing while it runs.
    pub fn status(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.inner.try_wait().expect("a child can be waited for");
        }
        self.ended
    }

    /// Sends a signal to the process alone. One that has ended takes none.
    pub fn signal(&mut self, signal: Signal) {
        if self.is_running() {
            let _ = signal::kill(self.pid(), signal);
        }
    }

    /// Sends a signal and waits for the end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn end_by(&mut self, signal: Signal) -> ExitStatus {
        self.signal(signal);
        let what = format!(
            "process {} ends by {signal}; its log is {}",
            self.id(),
            self.log.display()
        );
        wait_here(END_BOUND, &what, || self.status())
    }

    /// Kills the process and its children at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = signal::killpg(self.pid(), Signal::SIGKILL);
        if self.ended.is_none() {
            self.ended = self.inner.wait().ok();
        }
    }

    /// Where everything it prints goes.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        read_lossy(&self.log)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.id()).expect("a process id fits"))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The last lines of a log file, with its path above.
pub fn tail(log: &Path) -> String {
    let text = read_lossy(log);
    let lines: Vec<_> = text.lines().collect();
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    format!("--- {}\n{}\n", log.display(), lines[skipped..].join("\n"))
}

fn read_lossy(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The thread from which every child is started.
///
/// The kernel's death signal follows the thread that started a child, not its process; a test's threads end before
/// the process does. This one never ends.
mod nursery {
    use super::{Command, OnceLock, io, mpsc, thread};

    type Answer = io::Result<std::process::Child>;
    type Request = (Command, mpsc::Sender<Answer>);

    pub(super) fn spawn(command: Command) -> Answer {
        static THREAD: OnceLock<mpsc::Sender<Request>> = OnceLock::new();
        let thread = THREAD.get_or_init(open);
        let (answer, answered) = mpsc::channel();
        thread.send((command, answer)).map_err(io::Error::other)?;
        answered.recv().map_err(io::Error::other)?
    }

    fn open() -> mpsc::Sender<Request> {
        let (requests, asked) = mpsc::channel::<Request>();
        thread::spawn(move || {
            for (mut command, answer) in asked {
                let _ = answer.send(command.spawn());
            }
        });
        requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_child_takes_its_own_children_along() {
        let dir = tempfile::tempdir().unwrap();
        let script = "sleep 1000 & echo $!; wait";
        let child = Launch::new("sh", dir.path().join("log")).args(["-c", script]).start();
        let grandchild: i32 = wait_here(END_BOUND, "the script prints", || child.log().trim().parse().ok());
        drop(child);
        wait_here(END_BOUND, "the grandchild is gone", || {
            let state = fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            (state.is_empty() || state.contains(") Z ")).then_some(())
        });
    }

    #[test]
    fn a_child_outlives_the_thread_that_asked_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let launch = Launch::new("sleep", dir.path().join("log")).args(["1000"]);
        let mut child = thread::spawn(|| launch.start()).join().unwrap();
        thread::sleep(Duration::from_millis(200));
        assert!(child.is_running());
    }
}
