//! Thousands of players that wait for the same segment.

use std::time::{Duration, Instant};

use sluice_backend::ops::open_files;

use crate::audience::{Audience, Manner};
use crate::backend::Backend;
use crate::table::Row;
use crate::waiting::{at, ms};

const PLAYERS: usize = 5_000;
const AIM_MS: f64 = 150.0;
/// Time for all of them to come, and to ask for what is next.
const WARM_UP: Duration = Duration::from_secs(4);
/// A segment is listed, and has been sent to everyone.
const LASTS: Duration = Duration::from_secs(2);

/// Lets players wait for the segment that `commit` brings to the playlist at `path`.
pub(crate) fn measure(backend: &Backend, path: &str, commit: &mut dyn FnMut()) -> Row {
    open_files::allow_most().expect("what is allowed is granted");
    let mut audience = Audience::come(backend.port(), PLAYERS, path.to_owned());
    audience.watch(Manner::WaitForSegments, WARM_UP);
    assert_eq!(audience.waiting(), PLAYERS, "all wait");
    audience.count();
    let committed = Instant::now();
    commit();
    audience.watch(Manner::WaitForSegments, LASTS);
    let mut after: Vec<_> = audience.answers.iter().map(|answer| ms(answer.at, committed)).collect();
    after.sort_by(f64::total_cmp);
    assert_eq!(after.len(), PLAYERS, "each is answered once");
    let same = audience
        .answers
        .iter()
        .all(|answer| answer.reach == audience.answers[0].reach);
    assert!(same, "not all were sent the same");
    Row {
        what: format!("{PLAYERS} players that wait for a segment, from its commit to their answers"),
        result: format!(
            "p50 {:.0} ms, p99 {:.0} ms, at most {:.0} ms, one version for all",
            at(&after, 50),
            at(&after, 99),
            at(&after, 100)
        ),
        aim: format!("≤ {AIM_MS} ms"),
        met: at(&after, 99) <= AIM_MS,
    }
}
