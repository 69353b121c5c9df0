//! A thumbnailer between a real index, a real archive and a real object store, with the installed ffmpeg.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    dead_code,
    missing_docs,
    reason = "a case that cannot set itself up, or finds something else than it expects, shall stop there"
)]

/// The shows and their pictures are those of the cut's tests.
#[path = "../../../../backend/crates/media/tests/cut/picture.rs"]
mod picture;
#[path = "../../../../backend/crates/media/tests/cut/show.rs"]
mod show;

mod killed;
mod made;
mod over;
mod seen;
mod trouble;
mod world;
