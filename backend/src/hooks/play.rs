//! `play`: somebody wants a stream over RTMP. Only this machine's own programs may; viewers watch HLS.

use std::net::IpAddr;

use sluice_domain::Slug;

use super::{Refusal, Verdict, call::Call};
use crate::live::Live;

/// A channel's name is answered by its live session's; a live session's name stays as it is.
pub(super) fn decide(live: &Live, call: &Call) -> Verdict {
    if call.is_relay {
        return Verdict::Accept;
    }
    if !call
        .address
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback())
    {
        return Verdict::Refuse(Refusal::Unknown);
    }
    if live.is_live(&call.name) {
        return Verdict::Accept;
    }
    let session = Slug::parse(&call.name).ok().and_then(|slug| live.session_of(&slug));
    session.map_or(Verdict::Refuse(Refusal::Unknown), Verdict::Rename)
}
