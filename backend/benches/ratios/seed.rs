//! Channels with keys, written straight into the store: the API would count them as a flood.

use sluice_backend::random;
use sluice_domain::{Access, Millis, Role};
use sluice_store::{Store, accounts, channels, stream_keys};

/// A channel and a key that opens it.
pub(crate) struct Channel {
    pub(crate) slug: String,
    pub(crate) key: String,
}

/// Makes `count` channels of one owner.
pub(crate) async fn channels(store: &Store, count: usize) -> Vec<Channel> {
    let now = Millis(1_790_000_000_000);
    let owner = accounts::New {
        id: "owner".into(),
        email: "owner@example.org".into(),
        display_name: "Owner".into(),
        password_hash: "none".into(),
        role: Role::Streamer,
        activated_at: Some(now),
        created_at: now,
    };
    store.accounts().create(&owner).await.expect("an account");
    let mut made = Vec::with_capacity(count);
    for number in 0..count {
        made.push(channel(store, number, now).await);
    }
    made
}

async fn channel(store: &Store, number: usize, now: Millis) -> Channel {
    let slug = format!("bench-{number}");
    let channel = channels::New {
        id: slug.clone(),
        slug: slug.clone(),
        owner_id: "owner".into(),
        title: "Bench".into(),
        description: String::new(),
        access: Access::Public,
        takeover: false,
        created_at: now,
    };
    store.channels().create(&channel).await.expect("a channel");
    let key = random::stream_key().expect("randomness");
    let row = stream_keys::New {
        id: format!("key-{number}"),
        channel_id: slug.clone(),
        label: "bench".into(),
        key_hash: random::fingerprint(key.expose()),
        hint: key.hint().to_owned(),
        created_at: now,
    };
    store.stream_keys().create(&row).await.expect("a key");
    Channel {
        slug,
        key: key.expose().to_owned(),
    }
}
