//! Channels' policies for those who rewind, held with the channels: whoever asks for a playlist asks no database.
//!
//! A change that is made here holds at once. One that another process makes is read within [`EVERY`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sluice_domain::{Rewind, Slug};

use super::Live;
use crate::error::chain;

/// How often it is looked for what other processes have changed.
const EVERY: Duration = Duration::from_secs(5);

/// How many changes were made here.
#[derive(Debug, Default)]
pub(super) struct Changes(Mutex<u64>);

impl Changes {
    /// How many there were until now.
    pub(super) fn made(&self) -> u64 {
        *self.held()
    }

    /// No more are made while this is held.
    fn held(&self) -> MutexGuard<'_, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn run(live: Live) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = live.read_rewinds().await {
            tracing::debug!(error = %chain(&error), "the policies of channels are as they were");
        }
    }
}

impl Live {
    /// Who may rewind a channel, and how far, has changed and is recorded.
    pub fn set_rewind(&self, slug: &str, rewind: Rewind) {
        let mut changes = self.inner.rewinds.held();
        *changes += 1;
        if let Some(channel) = self.loaded(slug) {
            channel.set_rewind(rewind);
        }
    }

    /// Reads all policies. Channels that are there no more, another process has deleted: they are forgotten here too.
    pub(super) async fn read_rewinds(&self) -> Result<(), sluice_store::Error> {
        let before = self.inner.rewinds.made();
        let found = self.store().channels().rewinds().await?;
        for (id, slug) in self.take_over(&found, before) {
            // It may have been made since.
            if self.store().channels().by_id(&id).await?.is_none() {
                self.forget_channel(&id, slug.as_str()).await;
            }
        }
        Ok(())
    }

    /// Takes over the policies that were read, and returns the channels that are not among them.
    fn take_over(&self, found: &HashMap<String, Rewind>, before: u64) -> Vec<(String, Slug)> {
        let now = self.inner.rewinds.held();
        let mut missing = Vec::new();
        for channel in &self.inner.channels {
            match found.get(&channel.id) {
                // What was read may be older than what was changed here meanwhile; the next look tells.
                Some(rewind) if *now == before => channel.set_rewind(*rewind),
                Some(_) => (),
                None => missing.push((channel.id.clone(), channel.slug.clone())),
            }
        }
        missing
    }
}
