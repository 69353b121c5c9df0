//! `publish`: an encoder asks to go live with a stream key. Fails closed.

use sluice_domain::{
    EndReason, StreamKey,
    access::{self, Facts},
};

use sluice_store::stream_keys::KeyFacts;

use super::{Refusal, Verdict, call::Call};
use crate::{
    clock,
    error::Error,
    http::to_the_end,
    live::{Live, accept, sessions::Session},
    random,
};

/// Parse the key, load the facts, ask the domain, save the session, answer its name. A media server that hangs up
/// changes nothing.
pub(super) async fn decide(live: &Live, call: Call) -> Result<Verdict, Error> {
    let live = live.clone();
    let decided = to_the_end::done(async move { try_decide(&live, &call).await }).await?;
    Ok(decided.map_or_else(Verdict::Refuse, Verdict::Rename))
}

async fn try_decide(live: &Live, call: &Call) -> Result<String, Refusal> {
    let connection = call.connection().ok_or(Refusal::Malformed)?;
    let key = StreamKey::parse(call.name.as_bytes()).ok_or(Refusal::Unknown)?;
    let hash = random::fingerprint(key.expose());
    let revocations = live.revocations();
    let key = load(live, &hash).await?.ok_or(Refusal::Unknown)?;
    let publisher = accept::Publisher {
        key: &key,
        connection,
        address: &call.address,
        encoder: &call.encoder,
        now: clock::now(),
    };
    let current = live.current(&publisher).await;
    // What is rare is boxed: every publisher pays for moving what is not.
    let session = match access::publish(&facts(&publisher, current.as_ref()), publisher.now) {
        access::Verdict::Deny(reason) => return Err(Box::pin(refuse(live, &publisher, reason)).await),
        access::Verdict::Allow { replaces } => {
            if let Some((session, reason)) = replaces {
                Box::pin(live.end_session(session, reason)).await;
            }
            accept(live, &publisher).await?
        }
    };
    if live.revocations() != revocations {
        Box::pin(look_again(live, &hash, &session)).await;
    }
    Ok(session)
}

fn facts<'a>(publisher: &accept::Publisher<'_>, current: Option<&'a Session>) -> Facts<'a> {
    let key = publisher.key;
    Facts {
        key_revoked: key.revoked_at.is_some(),
        owner_suspended: key.suspended_at.is_some(),
        owner_role: key.owner_role,
        takeover: key.takeover,
        live: current.map(|session| access::Live {
            session: &session.id,
            same_connection: session.connection == publisher.connection,
            active_at: session.active_at,
        }),
        last_end: key.last_end,
    }
}

async fn load(live: &Live, hash: &str) -> Result<Option<KeyFacts>, Refusal> {
    let loaded = live.key(hash.to_owned()).await;
    loaded.map_err(|error| unavailable(error.as_ref()))
}

async fn accept(live: &Live, publisher: &accept::Publisher<'_>) -> Result<String, Refusal> {
    match live.accept(publisher).await {
        Ok(session) => Ok(session),
        Err(accept::Error::Taken) => Err(Box::pin(refuse(live, publisher, EndReason::ChannelBusy)).await),
        Err(accept::Error::Store(error)) => Err(unavailable(error.as_ref())),
        Err(accept::Error::Spool(error)) => Err(unavailable(&error)),
    }
}

/// Somebody lost the right to publish while this one was let in. If it was this one, it goes at once.
async fn look_again(live: &Live, hash: &str, session: &str) {
    let reason = match load(live, hash).await {
        Ok(Some(key)) => access::right_lost(key.revoked_at.is_some(), key.suspended_at.is_some(), key.owner_role),
        Ok(None) => Some(EndReason::ChannelDeleted),
        Err(_) => None,
    };
    if let Some(reason) = reason {
        live.end_session(session, reason).await;
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
