//! Where media is kept: the archive on this machine's disk, and beside it an object store that outlasts the disk.
//!
//! Enter by [`Archive`] and [`ObjectStore`]. The archive takes closed segments out of the spool without copying them,
//! says where each one lies, and removes what is no longer wanted. The object store keeps what is put into it, in a
//! directory or in a bucket, and is believed only when it says itself that it has the very bytes that were put. Both
//! lay things out alike. Which segments exist, where and for how long, is the index's to know.
//!
//! The archive's calls block on the file system, for microseconds as a rule; [`Archive::adopt`] across file systems
//! takes as long as the disk does. The object store's do not block.

mod archive;
mod digest;
mod error;
mod fault;
mod key;
mod layout;
mod local;
pub mod s3;
mod store;

pub use archive::{Archive, Space};
pub use digest::{Checksum, Digest};
pub use error::Error;
pub use fault::{Fault, Kind};
pub use key::{ClipPart, Key, Thumbnail};
pub use store::{Head, Listed, Method, Object, ObjectStore, Page, Permit};
