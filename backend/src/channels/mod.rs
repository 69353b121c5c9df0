//! Channels, their stream keys and their publish sessions.

pub mod session;
