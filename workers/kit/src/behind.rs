//! Who is served first: whoever watches.

use rustix::process::{getpriority_process, setpriority_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Below whatever answers viewers.
const NICENESS: i32 = 10;
/// One of so many cores, and one at least, is left to them alone.
const SPARED: usize = 4;

/// Lets whatever answers viewers go before this thread, those it will start, and the programs that they start.
///
/// Heavy work on every core makes all others wait for the end of somebody's time slice, however nice it is: so a core is
/// left to them, where there are several. What the system does not permit is left as it is, and a quota of time
/// (`CPUQuota=`) is not seen. To be called once: a second time would leave a quarter of what is left.
pub fn stand_back() {
    let niceness = getpriority_process(None).unwrap_or(0);
    let _ = setpriority_process(None, niceness.max(NICENESS));
    if let Ok(allowed) = sched_getaffinity(None) {
        let _ = sched_setaffinity(None, &share(&allowed));
    }
}

/// What is taken of the cores that are allowed.
fn share(allowed: &CpuSet) -> CpuSet {
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    let spared = match cores.len() {
        0 | 1 => 0,
        several => (several / SPARED).max(1),
    };
    let mut share = CpuSet::new();
    cores.into_iter().skip(spared).for_each(|core| share.set(core));
    share
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::thread;

    use super::*;

    fn cores(first: usize, count: usize) -> CpuSet {
        let mut set = CpuSet::new();
        (first..first + count).for_each(|core| set.set(core));
        set
    }

    #[test]
    fn a_quarter_of_the_cores_and_one_at_least_is_left_to_viewers() {
        for (allowed, taken) in [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (64, 48)] {
            assert_eq!(
                share(&cores(3, allowed)),
                cores(3 + allowed - taken, taken),
                "{allowed}"
            );
        }
    }

    #[test]
    fn what_a_worker_starts_stands_back_as_it_does() {
        let told = thread::spawn(|| {
            let all = sched_getaffinity(None).unwrap();
            stand_back();
            let told = Command::new("sh").args(["-c", "nice; nproc"]).output().unwrap();
            (share(&all).count(), String::from_utf8(told.stdout).unwrap())
        });
        let (cores, told) = told.join().unwrap();
        let (nice, nproc) = told.trim().split_once('\n').unwrap();
        assert!(nice.parse::<i32>().unwrap() >= NICENESS, "{nice}");
        assert_eq!(nproc, cores.to_string());
    }
}
