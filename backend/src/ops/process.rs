//! What this process uses, from `/proc`.

use std::fs;

/// Resident memory in bytes; the name is Prometheus's own convention.
pub const MEMORY: &str = "process_resident_memory_bytes";
/// CPU time spent, in seconds; the name is Prometheus's own convention.
pub const CPU: &str = "process_cpu_seconds_total";

/// `/proc/self/stat` counts in hundredths of a second on every Linux (`USER_HZ`, proc(5)).
const TICKS_A_SECOND: f64 = 100.0;

/// The two series as exposition text; one that cannot be read is left out.
pub(super) fn exposition() -> String {
    let memory = resident_bytes().map(|bytes| format!("# TYPE {MEMORY} gauge\n{MEMORY} {bytes}\n"));
    let cpu = cpu_seconds().map(|seconds| format!("# TYPE {CPU} counter\n{CPU} {seconds}\n"));
    [memory, cpu].into_iter().flatten().collect()
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kilobytes
        .split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()
        .map(|kb| kb * 1024)
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, which may hold spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some((user + system) / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_has_memory_and_has_spent_time() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1024 * 1024));
        assert!(cpu_seconds().is_some());
    }
}
