//! The media server, nginx with its RTMP module: how it is set up.

pub mod config;
