//! The Sluice backend: hooks, playlists, the API and the site's server.

pub mod live;
