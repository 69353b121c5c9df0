//! Clips: moments of a channel, cut into a film by whoever may.
//!
//! Asking for one makes a row and a job ([`create`]); `workers/clipper` does the rest and writes what becomes of it into
//! the row, from where open pages hear of it ([`watch`]). A clip is for whoever may see its channel; its creator, the
//! channel's owner and administrators rename and delete it ([`desk`]).

pub mod admin;
pub mod clip;
pub mod create;
pub mod delete;
mod desk;
pub mod download;
pub mod file;
pub mod list;
pub mod mine;
pub mod page;
pub mod read;
pub mod retry;
mod tags;
pub mod update;
pub mod watch;

pub use desk::find;
