//! News for browsers: the bus that carries them and the socket that delivers them.
//!
//! Whoever has news calls [`Bus::publish`]; whoever wants some opens `/ws` ([`socket`]). News of one process reach the
//! sockets of that process.

mod bus;
mod event;
mod feed;
pub mod socket;
mod subscription;
mod visibility;

pub use bus::{Bus, Gone, Notice, Rendered};
pub use event::Event;
pub use visibility::Visibility;
