//! The keys that open channels to encoders, stored as their SHA-256.

use std::collections::HashMap;

use sluice_domain::{EndReason, Millis, Role};

use crate::Error;
use crate::dialect::Db;
use crate::row::{Record, Row};
use crate::statement::{Statement, Value, values};

/// The stream keys of a store.
pub struct StreamKeys<'a> {
    pub(crate) db: &'a Db,
}

/// A key to be recorded.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// The channel it opens.
    pub channel_id: String,
    /// What its owner calls it.
    pub label: String,
    /// Its SHA-256 in hex.
    pub key_hash: String,
    /// Its last characters, by which its owner knows it.
    pub hint: String,
    /// When it is made.
    pub created_at: Millis,
}

/// A key as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamKey {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// Its last characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Millis,
    /// When an encoder last went live with it.
    pub last_used_at: Option<Millis>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Millis>,
}

/// All that is to know of a key when an encoder shows it, apart from who is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// The key's id.
    pub key_id: String,
    /// What its owner calls it.
    pub label: String,
    /// When the key was revoked, if it was.
    pub revoked_at: Option<Millis>,
    /// The channel it opens.
    pub channel_id: String,
    /// The channel's name in URLs.
    pub slug: String,
    /// Whether a new encoder replaces a working one.
    pub takeover: bool,
    /// The channel's owner.
    pub owner_id: String,
    /// What the owner may do on the site.
    pub owner_role: Role,
    /// When the owner was suspended, if they are.
    pub suspended_at: Option<Millis>,
    /// When and why the channel's newest ended session ended.
    pub last_end: Option<(Millis, EndReason)>,
}

impl StreamKeys<'_> {
    /// Records a key. [`Error::Missing`] if the channel is not there.
    pub async fn create(&self, new: &New) -> Result<(), Error> {
        let sql = "INSERT INTO stream_keys (id, channel_id, label, key_hash, hint, created_at) \
                   VALUES (?, ?, ?, ?, ?, ?)";
        let values = values![
            &new.id,
            &new.channel_id,
            &new.label,
            &new.key_hash,
            &new.hint,
            new.created_at,
        ];
        self.db.execute(sql, values).await.map(drop)
    }

    /// A channel's keys, revoked ones too, newest first.
    pub async fn list(&self, channel_id: &str) -> Result<Vec<StreamKey>, Error> {
        let sql = "SELECT k.*, (SELECT MAX(s.started_at) FROM publish_sessions s \
                   WHERE s.stream_key_id = k.id AND s.state <> 'refused') AS last_used_at \
                   FROM stream_keys k WHERE k.channel_id = ? ORDER BY k.id DESC";
        self.db.all(sql, values![channel_id]).await
    }

    /// How many of a channel's keys are not revoked.
    pub async fn count_active(&self, channel_id: &str) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) AS n FROM stream_keys WHERE channel_id = ? AND revoked_at IS NULL";
        self.db.count(sql, values![channel_id]).await
    }

    /// What the publish hook asks: the key with this SHA-256, revoked or not, and its channel's facts.
    pub async fn by_hash(&self, hash: &str) -> Result<Option<KeyFacts>, Error> {
        Ok(self.by_hashes(&[hash]).await?.remove(hash))
    }

    /// The same of several keys at once; those that there are, by their hash.
    pub async fn by_hashes(&self, hashes: &[&str]) -> Result<HashMap<String, KeyFacts>, Error> {
        let mut select = Statement::new(
            "SELECT k.key_hash, k.id AS key_id, k.label, k.revoked_at, c.id AS channel_id, c.slug, c.takeover, \
             c.owner_id, a.role, a.suspended_at, s.ended_at, s.reason \
             FROM stream_keys k JOIN channels c ON c.id = k.channel_id JOIN accounts a ON a.id = c.owner_id \
             LEFT JOIN publish_sessions s ON s.id = (\
               SELECT e.id FROM publish_sessions e WHERE e.channel_id = k.channel_id AND e.state = 'ended' \
               ORDER BY e.ended_at DESC, e.id DESC LIMIT 1) \
             WHERE k.key_hash IN (",
        );
        let hashes: Vec<Value<'_>> = hashes.iter().copied().map(Value::from).collect();
        select.repeat("?", hashes.len()).push(")", &hashes);
        let found: Vec<Found> = self.db.where_written().all(select.sql, &select.values).await?;
        Ok(found.into_iter().map(|Found { hash, facts }| (hash, facts)).collect())
    }

    /// Revokes a channel's key. False if the channel has no such key or it was revoked before.
    pub async fn revoke(&self, channel_id: &str, id: &str, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE stream_keys SET revoked_at = ? WHERE id = ? AND channel_id = ? AND revoked_at IS NULL";
        self.db.changed(sql, values![now, id, channel_id]).await
    }
}

impl Record for StreamKey {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("id")?,
            label: row.get("label")?,
            hint: row.get("hint")?,
            created_at: row.get("created_at")?,
            last_used_at: row.get("last_used_at")?,
            revoked_at: row.get("revoked_at")?,
        })
    }
}

struct Found {
    hash: String,
    facts: KeyFacts,
}

impl Record for Found {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            hash: row.get("key_hash")?,
            facts: KeyFacts::read(row)?,
        })
    }
}

impl Record for KeyFacts {
    fn read(row: &Row) -> Result<Self, Error> {
        let ended_at: Option<Millis> = row.get("ended_at")?;
        Ok(Self {
            key_id: row.get("key_id")?,
            label: row.get("label")?,
            revoked_at: row.get("revoked_at")?,
            channel_id: row.get("channel_id")?,
            slug: row.get("slug")?,
            takeover: row.get("takeover")?,
            owner_id: row.get("owner_id")?,
            owner_role: row.get("role")?,
            suspended_at: row.get("suspended_at")?,
            last_end: ended_at.zip(row.get("reason")?),
        })
    }
}
