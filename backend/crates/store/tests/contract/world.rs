//! What cases begin with: an empty store, or one with somebody in it.

use std::future::Future;
use std::ops::Deref;

use sluice_domain::{Access, Millis, Role};
use sluice_store::{Store, accounts, channels, publish_sessions, stream_keys};
use sluice_testkit::databases::{Database, Engine};
use tokio::task::JoinSet;

/// The time at which cases begin.
pub(crate) const NOW: Millis = Millis(1_800_000_000_000);

/// An open store on a database of its own.
pub(crate) struct World {
    store: Store,
    pub(crate) database: Database,
}

impl Deref for World {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl World {
    /// Nothing but the schema.
    pub(crate) async fn empty(engine: Engine) -> Self {
        let database = engine.database();
        let store = Store::connect(&database.url).await.unwrap();
        Self { store, database }
    }

    /// The streamer `ann` with the channel `stage`, which the key `key` opens.
    pub(crate) async fn with_a_stage(engine: Engine) -> Self {
        let world = Self::empty(engine).await;
        world.accounts().create(&account("ann")).await.unwrap();
        world.channels().create(&channel("stage", "ann")).await.unwrap();
        world.stream_keys().create(&key("key", "stage")).await.unwrap();
        world
    }

    /// The same database as another process sees it: over connections of its own.
    pub(crate) async fn other_process(&self) -> Store {
        Store::connect(&self.database.url).await.unwrap()
    }

    /// Does something in eight processes at once, and tells what came of it in each.
    pub(crate) async fn race<F, T>(&self, act: impl Fn(Store, usize) -> F) -> Vec<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let mut stores = Vec::new();
        for _ in 0..8 {
            stores.push(self.other_process().await);
        }
        let acts = stores.into_iter().enumerate().map(|(number, store)| act(store, number));
        acts.collect::<JoinSet<T>>().join_all().await
    }
}

pub(crate) fn account(id: &str) -> accounts::New {
    accounts::New {
        id: id.to_owned(),
        email: format!("{id}@example.org"),
        display_name: id.to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: Role::Streamer,
        activated_at: None,
        created_at: NOW,
    }
}

/// A channel whose slug is its id.
pub(crate) fn channel(id: &str, owner_id: &str) -> channels::New {
    channels::New {
        id: id.to_owned(),
        slug: id.to_owned(),
        owner_id: owner_id.to_owned(),
        title: format!("The {id}"),
        description: String::new(),
        access: Access::Public,
        takeover: false,
        created_at: NOW,
    }
}

/// A key whose hash is `hash-of-` its id.
pub(crate) fn key(id: &str, channel_id: &str) -> stream_keys::New {
    stream_keys::New {
        id: id.to_owned(),
        channel_id: channel_id.to_owned(),
        label: format!("OBS {id}"),
        key_hash: format!("hash-of-{id}"),
        hint: "wxyz".to_owned(),
        created_at: NOW,
    }
}

/// A session on the stage, opened with `key`.
pub(crate) fn session(id: &str) -> publish_sessions::New {
    publish_sessions::New {
        id: id.to_owned(),
        channel_id: "stage".to_owned(),
        stream_key_id: "key".to_owned(),
        instance: "nginx-1".to_owned(),
        client_id: "19".to_owned(),
        address: "192.0.2.7".to_owned(),
        encoder: "OBS".to_owned(),
        started_at: NOW,
    }
}
