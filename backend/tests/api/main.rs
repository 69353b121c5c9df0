//! The API's specification: the real application on a free port, asked over HTTP, with a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]
// A test states what it expects by panicking, and its name is its documentation.

mod accounts;
mod activation;
mod administration;
mod aside;
mod channels;
mod clips;
mod frontend;
mod growing;
mod hostile;
mod limits;
mod lists;
mod logins;
mod mailbox;
mod news;
mod openapi;
mod parts;
mod passwords;
mod past;
mod permissions;
mod problems;
mod recorded;
mod rewind;
mod rewinding;
mod same_site;
mod sessions;
mod short_way;
mod shows;
mod socket;
mod storage;
mod stream_keys;
mod thumbnails;
mod timeshift;
mod trouble;
mod waiting;
