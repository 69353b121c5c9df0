//! What the store promises, held against real SQLite, PostgreSQL and MariaDB: every case runs on all three.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a case that cannot set itself up, or finds something else than it expects, shall stop there"
)]

mod accounts;
mod away;
mod channels;
mod clips;
mod connect;
mod expiry;
mod jobs;
mod logins;
mod mail_tokens;
mod offload;
mod publish_sessions;
mod recordings;
mod schema;
mod segments;
mod stream_keys;
mod thumbnails;
mod world;
