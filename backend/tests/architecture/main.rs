//! The shape of the house: who imports whom, what lies where, which door each thing goes through.
//!
//! These tests read the source tree and `cargo metadata`; they run nothing of Sluice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // tests

mod doors;
mod files;
mod imports;
mod names;
mod rooms;
mod tree;
