//! From a segment's close to the record that the bucket has it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::raw::Raw;
use crate::site::{FIRST, Site};
use crate::{percentile, verdict};

const SEGMENTS: i64 = 200;
/// Ten segments a second: twenty channels.
const PACE: Duration = Duration::from_millis(100);
/// Between two looks at the index; the figure is too large by half of it on average.
const LOOK: Duration = Duration::from_millis(10);
/// Milliseconds.
const AIM_P99: f64 = 1000.0;

pub(crate) async fn measure() -> Vec<String> {
    let site = Site::new().await;
    let _uploader = site.uploader();
    // It is up once it has stored the first.
    site.closed(FIRST).await;
    while !site.waiting().await.is_empty() {
        tokio::time::sleep(LOOK).await;
    }
    let (raw, mut raws, mut durables) = (Raw::to(&site.server), Vec::new(), Vec::new());
    let (mut closed, mut ticks, mut next) = (BTreeMap::new(), tokio::time::interval(PACE), 0);
    while next < SEGMENTS || !closed.is_empty() {
        if next < SEGMENTS && ticks.tick().await <= tokio::time::Instant::now() {
            site.closed(next).await;
            closed.insert(next, Instant::now());
            // Between two segments, so that neither is in the other's way more than shows are.
            let file = site.file(next);
            let key = format!("raw/{next}.ts");
            let raw = raw.clone();
            raws.push(tokio::spawn(async move {
                tokio::time::sleep(PACE / 2).await;
                raw.put(&key, &file).await
            }));
            next += 1;
        }
        let due = Instant::now() + PACE - LOOK;
        while Instant::now() < due {
            let waiting = site.waiting().await;
            closed.retain(|msn, since: &mut Instant| {
                let waits = waiting.contains(msn);
                if !waits {
                    durables.push(ms(since.elapsed()));
                }
                waits
            });
            tokio::time::sleep(LOOK).await;
        }
    }
    let mut putted = Vec::new();
    for raw in raws {
        putted.push(ms(raw.await.expect("it is put")));
    }
    rows(durables, putted)
}

fn rows(mut durables: Vec<f64>, mut putted: Vec<f64>) -> Vec<String> {
    durables.sort_by(f64::total_cmp);
    putted.sort_by(f64::total_cmp);
    let (p50, p99) = (percentile(&durables, 0.5), percentile(&durables, 0.99));
    let (raw50, raw99) = (percentile(&putted, 0.5), percentile(&putted, 0.99));
    vec![format!(
        "closed to durable, ten segments of 500 kB a second   p50 {p50:.0} ms, p99 {p99:.0} ms   \
         (raw PUT: p50 {raw50:.0} ms, p99 {raw99:.0} ms)   aim p99 ≤ 1 s   {}",
        verdict(p99 <= AIM_P99)
    )]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
