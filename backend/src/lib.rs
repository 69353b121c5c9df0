//! The Sluice backend: hooks, playlists, the API and the site's server.
//!
//! Enter by [`app::App::build`]; what it serves stands in [`routes`], how it fails in [`error`].

pub mod accounts;
pub mod admin;
pub mod app;
pub mod channels;
pub mod clips;
pub mod delivery;
pub mod door;
pub mod error;
pub mod frontend;
pub mod hooks;
pub mod housekeeping;
pub mod http;
pub mod live;
pub mod mail;
pub mod media_server;
pub mod openapi;
pub mod ops;
pub mod random;
pub mod realtime;
pub mod routes;
pub mod shutdown;
pub mod site;
pub mod state;
pub mod thumbnails;

pub use sluice_process::clock;
