//! What an object store promises, held against a directory and against a real S3 server with real signatures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a case that cannot set itself up, or finds something else than it expects, shall stop there"
)]

mod contract;
mod faults;
mod links;
mod world;
