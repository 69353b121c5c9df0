//! What every program of ours begins and ends with: its log lines, what its settings name, the clock, the word to stop.
//!
//! [`telemetry::start`] comes first, [`opened::Opened`] next, [`shutdown::asked_for`] last.
//!
//! It refuses to know what a program does in between.

pub mod clock;
pub mod objects;
pub mod opened;
pub mod shutdown;
pub mod telemetry;
