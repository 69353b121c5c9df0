//! Clips out of recorded shows, judged by decoding them: every frame carries its number as a bar code, and every second
//! there is a flash with a click.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs
)] // a test may panic

mod clip;
mod edges;
mod judge;
mod picture;
mod random;
mod show;
mod trouble;
