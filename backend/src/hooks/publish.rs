//! `publish`: an encoder asks to go live with a stream key. Fails closed.

use sluice_domain::{
    EndReason, StreamKey,
    access::{self, Facts},
};

use super::{Refusal, Verdict, call::Call};
use crate::{
    clock,
    live::{Live, accept},
    random,
};

/// Parse the key, load the facts, ask the domain, save the session, answer its name.
pub(super) async fn decide(live: &Live, call: &Call) -> Verdict {
    match try_decide(live, call).await {
        Ok(session) => Verdict::Rename(session),
        Err(refusal) => Verdict::Refuse(refusal),
    }
}

async fn try_decide(live: &Live, call: &Call) -> Result<String, Refusal> {
    let connection = call.connection().ok_or(Refusal::Malformed)?;
    let key = StreamKey::parse(call.name.as_bytes()).ok_or(Refusal::Unknown)?;
    let loaded = live
        .store()
        .stream_keys()
        .by_hash(&random::fingerprint(key.expose()))
        .await;
    let key = loaded.map_err(|error| unavailable(&error))?.ok_or(Refusal::Unknown)?;

    let now = clock::now();
    let current = live.on_channel(&key.channel_id);
    let facts = Facts {
        key_revoked: key.revoked_at.is_some(),
        owner_suspended: key.suspended_at.is_some(),
        takeover: key.takeover,
        live: current.as_ref().map(|session| access::Live {
            session: &session.id,
            same_connection: session.connection == connection,
            active_at: session.active_at,
        }),
        last_end: key.last_end,
    };
    let publisher = accept::Publisher {
        key: &key,
        connection,
        address: &call.address,
        encoder: &call.encoder,
        now,
    };
    match access::publish(&facts, now) {
        access::Verdict::Deny(reason) => Err(refuse(live, &publisher, reason).await),
        access::Verdict::Allow { replaces } => {
            if let Some((session, reason)) = replaces {
                live.end_session(session, reason).await;
            }
            match live.accept(&publisher).await {
                Ok(session) => Ok(session),
                Err(accept::Error::Taken) => Err(refuse(live, &publisher, EndReason::ChannelBusy).await),
                Err(accept::Error::Store(error)) => Err(unavailable(&error)),
                Err(accept::Error::Spool(error)) => Err(unavailable(&error)),
            }
        }
    }
}

async fn refuse(live: &Live, publisher: &accept::Publisher<'_>, reason: EndReason) -> Refusal {
    live.record_refusal(publisher, reason).await;
    Refusal::Denied(reason)
}

fn unavailable(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(error = %crate::error::chain(error), "a publisher is refused because the session cannot be saved");
    Refusal::Unavailable
}
