//! What every request passes through, and what handlers take their arguments from.

pub mod address;
pub mod answer;
pub mod caller;
pub mod client;
pub mod fields;
pub mod file_name;
pub mod limits;
pub mod list;
pub mod path_token;
pub mod range;
pub mod same_site;
pub mod security;
pub mod time;
pub mod to_the_end;

/// The largest body taken: every request of the API fits a hundred times over.
pub const LARGEST_BODY: usize = 64 * 1024;
