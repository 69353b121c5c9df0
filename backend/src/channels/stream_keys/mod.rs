//! Stream keys: what an encoder needs to go live on a channel.

pub mod create;
pub mod list;
pub mod revoke;
