//! Publish sessions: who was live on a channel, when, and why it ended.

pub mod end;
pub mod list;
