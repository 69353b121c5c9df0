//! The door to the media server, nginx with its RTMP module: its configuration, its statistics, its control.
//!
//! Nothing here decides anything about shows.

pub mod config;
pub mod control;
pub mod pass;
pub mod stat;

pub use control::MediaServer;
pub use pass::Pass;
