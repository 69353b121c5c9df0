//! How segments that have left the disk come back to players, asked of the real nginx and a real S3 server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // A test states what it expects by panicking.

mod alone;
mod browser;
mod clips;
mod directory;
mod proxy;
mod redirect;
mod rewound;
mod secrets;
mod thumbnails;
mod trouble;
mod world;
