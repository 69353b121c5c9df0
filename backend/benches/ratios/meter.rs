//! What a server spends on an answer.

use std::fs;
use std::time::Duration;

/// One run of one side.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) per_second: f64,
    /// CPU time of the server for an answer, in microseconds: the figure that a busy machine disturbs least.
    pub(crate) cpu_us: f64,
}

/// Counts what a load, which gives answers and answers a second, costs the process `server`.
pub(crate) fn run(server: u32, load: impl FnOnce() -> (f64, f64)) -> Run {
    let before = cpu(server);
    let (answers, per_second) = load();
    let spent = cpu(server).saturating_sub(before);
    Run {
        per_second,
        cpu_us: spent.as_secs_f64() * 1e6 / answers,
    }
}

/// CPU time of a process so far, all its threads.
pub(crate) fn cpu(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the server runs");
    let nanoseconds = |thread: fs::DirEntry| {
        let spent = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        spent.split(' ').next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(threads.flatten().filter_map(nanoseconds).sum())
}
