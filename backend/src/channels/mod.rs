//! Channels, their stream keys, their publish sessions and their shows.
//!
//! Who may see and change a channel is decided in [`access`]; each endpoint is a file named after what it does.

mod absent;
pub mod access;
pub mod channel;
pub mod create;
pub mod delete;
pub mod list;
pub mod read;
pub mod reader;
pub mod session;
pub mod sessions;
pub mod shows;
pub mod stream_keys;
pub mod update;

pub use absent::Absent;
