//! `update`: a connection says every few seconds that it is still there. Answered from memory.

use super::{Refusal, Verdict};
use crate::live::{
    Live,
    sessions::{Connection, Standing},
};

/// Ends only what is known to be over. Whatever is unknown goes on; the reconciler finds strangers.
pub(super) fn decide(live: &Live, connection: Option<Connection>) -> Verdict {
    match connection.map(|connection| live.standing(&connection)) {
        Some(Standing::Ended) => Verdict::Refuse(Refusal::Unknown),
        Some(Standing::Live | Standing::Unknown) | None => Verdict::Accept,
    }
}
