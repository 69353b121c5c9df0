//! How soon a closed segment is safe, and how fast a backlog drains, beside raw PUTs of the same bytes to the same
//! server in the same run. `scripts/bench offload` runs it.
//!
//! The uploader is its own program, with the settings it has in production. The server checks signatures and keeps
//! objects on disk; it shares both cores with whoever sends, so that what is measured is the work, not a network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)] // a benchmark that cannot go on says so and stops, as a test does

mod drained;
mod durable;
mod raw;
mod site;

/// Two seconds of 2 Mb/s.
const SEGMENT: usize = 500_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let rows = runtime.block_on(async { [durable::measure().await, drained::measure().await].concat() });
    println!();
    rows.iter().for_each(|row| println!("{row}"));
}

/// The value that a share of all is no greater than.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len());
    sorted[place - 1]
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
