//! News for browsers: the bus that carries them and the socket that delivers them.

mod bus;
mod event;

pub use bus::{Bus, Notice};
pub use event::Event;
