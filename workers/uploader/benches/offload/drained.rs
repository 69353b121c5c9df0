//! How fast a backlog drains, as after an outage.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::raw::Raw;
use crate::site::{FIRST, Site};
use crate::{SEGMENT, verdict};

const SEGMENTS: i64 = 400;
/// As many at a time as the uploader has.
const PARALLEL: usize = 16;
/// Each side in turn; odd, so that the median is one of them.
const RUNS: usize = 5;
const LOOK: Duration = Duration::from_millis(5);
const AIM: f64 = 0.8;

pub(crate) async fn measure() -> Vec<String> {
    let (mut ours, mut raws) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(drained().await);
        raws.push(putted().await);
    }
    let (ours, raw) = (median(ours), median(raws));
    let ratio = ours / raw;
    vec![format!(
        "a backlog of 400 segments of 500 kB   {ours:.0} MB/s against {raw:.0} MB/s by raw PUTs, 16 at a time = \
         {ratio:.2}   aim ≥ {AIM}   {}",
        verdict(ratio >= AIM)
    )]
}

/// The uploader is up and has nothing to do; then all of it comes at once.
async fn drained() -> f64 {
    let site = Site::new().await;
    let _uploader = site.uploader();
    site.closed(FIRST).await;
    until_drained(&site).await;
    let rows: Vec<_> = (0..SEGMENTS).map(|msn| site.archived(msn)).collect();
    site.recorded(&rows).await;
    let begun = Instant::now();
    until_drained(&site).await;
    rate(begun.elapsed())
}

async fn until_drained(site: &Site) {
    while !site.is_drained().await {
        tokio::time::sleep(LOOK).await;
    }
}

async fn putted() -> f64 {
    let site = Site::new().await;
    let raw = Raw::to(&site.server);
    let mut files = (0..SEGMENTS)
        .map(|msn| (format!("raw/{msn}.ts"), site.file(msn)))
        .collect::<Vec<_>>();
    raw.put("raw/first.ts", &files[0].1).await;
    let (begun, mut puts) = (Instant::now(), JoinSet::new());
    while !files.is_empty() || !puts.is_empty() {
        if puts.len() < PARALLEL
            && let Some((key, file)) = files.pop()
        {
            let raw = raw.clone();
            puts.spawn(async move { raw.put(&key, &file).await });
        } else {
            puts.join_next().await;
        }
    }
    rate(begun.elapsed())
}

/// Megabytes a second.
fn rate(took: Duration) -> f64 {
    let bytes = SEGMENT as f64 * SEGMENTS as f64;
    bytes / 1e6 / took.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
