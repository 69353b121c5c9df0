//! What administrators see and mend: everybody's accounts, channels and shows.

pub mod accounts;
pub mod channels;
pub mod sessions;
pub mod update_account;
