//! What tests of Sluice stand on.
//!
//! - [`stack::Stack`]: a whole Sluice on free ports, with the real nginx and the backend's real binary, to be killed
//!   and started again. The binary is looked for beside the test's own, so build it first:
//!   `cargo build -p sluice-backend` (the backend's own integration tests have it built by cargo).
//! - [`app::App`]: the backend alone, inside the test's process, for the API.
//! - [`api::Api`]: a client for either, that signs up, makes channels and keys, and shows an answer it did not expect.
//! - [`browser`]: the built site in real browsers.
//! - [`publisher`]: real ffmpeg encoders. [`rtmp`]: an encoder that does what no proper encoder does.
//! - [`player`]: a viewer that waits for parts and fetches them.
//! - [`netns`]: an encoder behind a cable that can be pulled out.
//! - [`disk`]: a small disk that can be filled.
//! - [`databases`]: real SQLite, PostgreSQL and MariaDB databases to throw away.
//! - [`s3`]: an S3 server that checks signatures, and a front before it that makes trouble.
//! - [`site`]: a channel whose shows are recorded, for workers.
//! - [`delta`]: what a player does with a delta update.
//! - [`pair`]: judges the successive versions of a live playlist, and its parts.
//!
//! Nothing waits by sleeping: [`wait::wait_for`] asks until an answer comes. Whatever a test starts ends with it, by
//! its process id, also when the test is killed. Several stacks run beside each other.
//!
//! Without the feature `stack` only what libraries need is here, so that they need not build the backend.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]
// A test states what it expects by panicking, and the kit does so for it.

#[cfg(feature = "stack")]
pub mod api;
#[cfg(feature = "stack")]
pub mod app;
#[cfg(feature = "stack")]
pub mod browser;
pub mod databases;
pub mod delta;
pub mod disk;
#[cfg(feature = "stack")]
pub mod flv;
#[cfg(feature = "stack")]
pub mod netns;
pub mod pair;
#[cfg(feature = "stack")]
pub mod player;
#[cfg(feature = "stack")]
pub mod ports;
#[cfg(any(feature = "stack", feature = "site"))]
pub mod process;
#[cfg(feature = "stack")]
pub mod publisher;
#[cfg(feature = "stack")]
pub mod rtmp;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "site")]
pub mod site;
#[cfg(feature = "stack")]
pub mod stack;
pub mod wait;

#[cfg(feature = "stack")]
pub use self::{
    api::Api,
    app::App,
    player::Player,
    publisher::{Encoder, Publisher},
    stack::Stack,
};
pub use wait::wait_for;
