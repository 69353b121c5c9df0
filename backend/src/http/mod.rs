//! What every request passes through, and what handlers take their arguments from.

pub mod answer;
pub mod client;
pub mod limits;
pub mod time;
