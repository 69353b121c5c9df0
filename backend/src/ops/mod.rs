//! What an operator sees of the backend: the access log, metrics, health.

pub mod access;
pub mod health;
pub mod metrics;
pub mod offload;
pub mod open_files;
pub mod process;
