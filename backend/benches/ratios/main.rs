//! What Sluice costs beside a bare actix handler, as ratios measured on one machine. `scripts/bench` runs it.
//!
//! Figures of two machines cannot be compared; ratios of one can. The servers run on one core, the client on
//! another; each figure is the median of several runs in which both sides take turns. Arguments choose among
//! `latency`, `intake`, `parts`, `memory`, `waiting`, `hooks`, `playlists` and `dvr`; without one, all are measured.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)] // a benchmark that cannot go on says so and stops, as a test does

mod audience;
mod backend;
mod bare;
mod client;
mod cores;
mod crowd;
mod dvr;
mod feed;
mod growing;
mod hooks;
mod intake;
mod latency;
mod memory;
mod meter;
mod parts;
mod playlists;
mod reach;
mod seed;
mod table;
mod waiting;
mod wrk;

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    if let Some(port) = args.iter().position(|arg| arg == bare::ARG).map(|at| &args[at + 1]) {
        return bare::serve(port.parse().expect("a port")).expect("the bare server runs");
    }
    let wanted = |name: &str| {
        let mut names = args.iter().filter(|arg| !arg.starts_with("--")).peekable();
        names.peek().is_none() || names.any(|arg| arg == name)
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut table = table::Table::default();
    // First what needs both cores; then everything that is pinned.
    if wanted("latency") {
        table.extend(runtime.block_on(latency::measure()));
    }
    if wanted("intake") {
        table.add(runtime.block_on(intake::measure()));
    }
    if wanted("parts") {
        table.extend(runtime.block_on(parts::measure()));
    }
    if wanted("memory") {
        table.add(runtime.block_on(memory::measure()));
    }
    if wanted("dvr") {
        table.extend(runtime.block_on(dvr::measure()));
    }
    cores::pin_client();
    if wanted("waiting") {
        table.extend(runtime.block_on(waiting::measure()));
    }
    if wanted("hooks") {
        table.extend(runtime.block_on(hooks::measure()));
    }
    if wanted("playlists") {
        table.extend(runtime.block_on(playlists::measure()));
    }
    if wanted("dvr") {
        table.extend(runtime.block_on(dvr::measure_pinned()));
    }
    println!("{table}");
}
