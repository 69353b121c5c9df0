//! An uploader between a real index, a real archive and a real object store, in fair weather and in foul.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a case that cannot set itself up, or finds something else than it expects, shall stop there"
)]

mod channels;
mod disk;
mod killed;
mod served;
mod trouble;
mod upload;
mod window;
mod world;
