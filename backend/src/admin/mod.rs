//! What administrators see and mend: everybody's accounts, channels and shows, and the disks.

pub mod accounts;
pub mod channels;
pub mod sessions;
pub mod storage;
mod sums;
pub mod update_account;

pub use sums::Sums;
