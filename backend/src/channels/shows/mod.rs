//! Shows: what was on a channel, for as long as the rewind window reaches or their owner keeps them.
//!
//! Whoever may rewind a channel may list, play and download its shows; who manages it names, keeps and deletes them. What
//! a show is made of is asked of the index each time: an answer is as true as the moment it was given.

pub mod catalogue;
pub mod delete;
pub mod download;
mod gaps;
pub mod list;
mod parcel;
mod shelves;
pub mod show;
pub mod update;

pub use catalogue::number;
