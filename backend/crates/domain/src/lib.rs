//! The rules of Sluice: who may publish, how a session ends, what a valid name is.
//!
//! Pure: no I/O, no clock, no randomness; time is passed in. Handlers load facts, ask a rule here, and
//! turn the answer into HTTP. This crate refuses to know databases, media servers and web frameworks.

pub mod access;
pub mod account;
pub mod channel;
pub mod clip;
pub mod email;
pub mod key;
pub mod password;
pub mod retention;
pub mod session;
pub mod slug;
pub mod storyboard;
pub mod text;
pub mod time;

pub use account::Role;
pub use channel::{Access, ClipPolicy, Dvr, Rewind};
pub use email::Email;
pub use key::StreamKey;
pub use password::Password;
pub use session::{EndReason, State as SessionState};
pub use slug::Slug;
pub use time::Millis;
