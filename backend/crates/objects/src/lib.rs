//! Where segments are kept: today a directory on this machine's disk.
//!
//! Enter by [`Archive`]. It takes closed segments out of the spool without copying them, says where each one lies, and
//! removes what is no longer wanted. Which segments exist and how long they are kept is the index's to know; nothing
//! here lists or looks up.
//!
//! Every call blocks on the file system, for microseconds as a rule; [`Archive::adopt`] across file systems and
//! [`Archive::remove_channel`] take as long as the disk does.

mod archive;
mod error;
mod layout;

pub use archive::{Archive, Space};
pub use error::Error;
