//! Stories of whole shows, with the real nginx, real encoders and processes that are killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)] // A test states what it expects by panicking.

mod browser;
mod databases;
mod disk;
mod duplicates;
mod endings;
mod forgery;
mod full_disk;
mod going_live;
mod holes;
mod keys;
mod media;
mod parts;
mod playlists;
mod restarts;
mod show;
mod silence;
mod sound;
mod stage;
mod tailing;
mod variants;
mod viewed;
