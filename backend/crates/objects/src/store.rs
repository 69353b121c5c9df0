//! Objects, wherever they are kept: a directory or a bucket.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use sluice_domain::{Millis, Slug};
use url::Url;

use crate::digest::{Checksum, Digest};
use crate::error::Error;
use crate::fault::{Fault, Kind};
use crate::key::Key;
use crate::layout;
use crate::local::{self, Local};
use crate::s3::{self, S3};

/// Where objects are kept. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct ObjectStore {
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Local(Local),
    S3(S3),
}

/// What a signed address permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// How the object may be asked for.
    pub method: Method,
    /// From when on; no later than the store's clock shows.
    pub now: Millis,
    /// For how long at least.
    pub holds: Duration,
}

/// How a signed address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Fetching the object.
    Get,
    /// Asking how long it is.
    Head,
}

/// What a store says of an object without sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub bytes: u64,
    /// The checksum it was put with, or that the server tells of it; nothing where neither is known.
    pub checksum: Option<Checksum>,
}

/// An object that is being fetched.
#[derive(Debug)]
pub struct Object {
    /// The bytes that come: the whole object's, or the range's.
    pub bytes: u64,
    /// The whole object's length in bytes.
    pub total_bytes: u64,
    left: u64,
    key: Key,
    body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Local(local::Body),
    S3(s3::Body),
}

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: Key,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was put.
    pub modified_at: Millis,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Up to a thousand objects, by key. Keys that are none of ours are left out.
    pub objects: Vec<Listed>,
    /// Where the next page goes on; nothing on the last one.
    pub next: Option<String>,
}

impl ObjectStore {
    /// A directory as object store; it is made if it is not there.
    pub fn local(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let place = Place::Local(Local::open(root.into())?);
        Ok(Self { place })
    }

    /// A bucket of a server that speaks S3. Nothing is asked of it yet.
    pub fn s3(settings: &s3::Settings) -> Self {
        let place = Place::S3(S3::new(settings));
        Self { place }
    }

    /// Keeps a file under a key, and believes it only when the store itself says that it has those very bytes: in its answer,
    /// or when it is asked once more.
    ///
    /// What was there under the key is replaced. Doing it again is no error. The file is read twice and never held
    /// in memory; it must not change meanwhile.
    pub async fn put(&self, key: &Key, file: &Path) -> Result<Digest, Fault> {
        let digest = self.digest(key, file).await?;
        let answer = match &self.place {
            Place::Local(local) => local.put(key, file).await.map(|()| None),
            Place::S3(s3) => s3.put(key, file, digest).await,
        };
        if answer? != Some(digest.checksum) {
            self.verify(key, digest).await?;
        }
        Ok(digest)
    }

    /// Holds what the store has under a key against what it should have: an error of the kind [`Kind::Mismatch`]
    /// unless length and checksum agree.
    pub async fn verify(&self, key: &Key, digest: Digest) -> Result<(), Fault> {
        let told = |what: String| Err(Fault::new(Kind::Mismatch, "verifying", key, what));
        match self.head(key).await? {
            None => told("it is not there".to_owned()),
            Some(head) if head.bytes != digest.bytes => {
                told(format!("{} bytes instead of {}", head.bytes, digest.bytes))
            }
            Some(head) if head.checksum != Some(digest.checksum) => told("another checksum".to_owned()),
            Some(_) => Ok(()),
        }
    }

    /// What the store has under a key; nothing where there is no such object. A directory reads the whole file for it.
    pub async fn head(&self, key: &Key) -> Result<Option<Head>, Fault> {
        match &self.place {
            Place::Local(local) => local.head(key).await,
            Place::S3(s3) => s3.head(key).await,
        }
    }

    /// Begins to fetch an object, or those of its bytes that `range` names; a range past its end is cut there, one that
    /// begins past it is refused. [`Kind::Missing`] where there is no such object.
    pub async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Fault> {
        if range.as_ref().is_some_and(|range| range.is_empty()) {
            return Err(Fault::new(Kind::Refused, "fetching", key, "an empty range"));
        }
        let (bytes, total_bytes, body) = match &self.place {
            Place::Local(local) => local.get(key, range).await?,
            Place::S3(s3) => s3.get(key, range).await?,
        };
        Ok(Object {
            bytes,
            total_bytes,
            left: bytes,
            key: key.clone(),
            body,
        })
    }

    /// Removes objects; those that are not there are no error. Where some stay, the error is about the first of them,
    /// and the others are gone.
    pub async fn delete(&self, keys: &[Key]) -> Result<(), Fault> {
        match &self.place {
            Place::Local(local) => local.delete(keys).await,
            Place::S3(s3) => s3.delete(keys).await,
        }
    }

    /// The objects whose keys begin with `prefix`, by key, a page at a time; `after` is the last page's
    /// [`Page::next`].
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, Fault> {
        match &self.place {
            Place::Local(local) => local.list(prefix, after).await,
            Place::S3(s3) => s3.list(prefix, after).await,
        }
    }

    /// Removes what a channel had here up to a moment, its clips and thumbnails too, and says how many objects that were. What is newer
    /// is of another channel, which has taken the name.
    pub async fn remove_channel(&self, slug: &Slug, until: Millis) -> Result<usize, Fault> {
        let mut removed = 0;
        for prefix in [format!("{slug}/"), layout::clips_of(slug), layout::thumbnails_of(slug)] {
            removed += self.remove_below(&prefix, until).await?;
        }
        Ok(removed)
    }

    async fn remove_below(&self, prefix: &str, until: Millis) -> Result<usize, Fault> {
        let (mut after, mut removed) = (None, 0);
        loop {
            let page = self.list(prefix, after.as_deref()).await?;
            let old = page.objects.iter().filter(|object| object.is_of_before(until));
            let keys: Vec<Key> = old.map(|object| object.key.clone()).collect();
            self.delete(&keys).await?;
            removed += keys.len();
            after = page.next;
            if after.is_none() {
                return Ok(removed);
            }
        }
    }

    /// An address that lets whoever has it do with an object what `permit` says, with its secret signature; for minutes
    /// it is the same one. Nothing for a directory, which has no address.
    pub async fn presigned(&self, key: &Key, permit: Permit) -> Result<Option<Url>, Fault> {
        match &self.place {
            Place::Local(_) => Ok(None),
            Place::S3(s3) => s3.presigned(key, permit).await.map(Some),
        }
    }

    /// The address at which everybody finds an object; nothing where the store has none.
    pub fn public_url(&self, key: &Key) -> Option<String> {
        match &self.place {
            Place::Local(_) => None,
            Place::S3(s3) => s3.public_url(key),
        }
    }

    /// The directory that all objects are in; nothing for a bucket.
    pub fn root(&self) -> Option<&Path> {
        match &self.place {
            Place::Local(local) => Some(local.root()),
            Place::S3(_) => None,
        }
    }

    /// Where an object lies as a file, or would; nothing for a bucket.
    pub fn file(&self, key: &Key) -> Option<PathBuf> {
        match &self.place {
            Place::Local(local) => Some(local.path(key)),
            Place::S3(_) => None,
        }
    }

    /// Which store this is, for comparison with another: a directory, or a bucket at its server. Has no secret in it.
    pub fn identity(&self) -> String {
        match &self.place {
            Place::Local(local) => local.identity(),
            Place::S3(s3) => s3.identity(),
        }
    }

    async fn digest(&self, key: &Key, file: &Path) -> Result<Digest, Fault> {
        let file = file.to_owned();
        let read = blocking("reading", key, move || Ok(Digest::of(&file))).await?;
        read.map_err(|error| Fault::source(&error, key))
    }
}

impl Listed {
    /// Whether it was there at a moment: a segment by the moment in its name, anything else by when it was put.
    fn is_of_before(&self, moment: Millis) -> bool {
        let second = jiff::Timestamp::from_millisecond(moment.0).map(|time| time.strftime("%Y%m%d-%H%M%S").to_string());
        match (self.key.second(), second) {
            (Some(own), Ok(second)) => own <= second.as_str(),
            _ => self.modified_at <= moment,
        }
    }
}

impl Object {
    /// The next bytes; nothing at the end. A body that ends before its time is an error.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let next = match &mut self.body {
            Body::Local(body) => body.next(&self.key).await?,
            Body::S3(body) => body.next(&self.key).await?,
        };
        let length = next.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.left = self.left.saturating_sub(length);
        if next.is_none() && self.left > 0 {
            let detail = format!("{} bytes did not come", self.left);
            return Err(Fault::new(Kind::Interrupted, "fetching", &self.key, detail));
        }
        Ok(next)
    }

    /// All that is left of it, in memory.
    pub async fn read(mut self) -> Result<Vec<u8>, Fault> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            all.extend_from_slice(&bytes);
        }
        Ok(all)
    }
}

/// Runs what blocks on the file system beside the runtime's own threads.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    subject: impl std::fmt::Display,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    // It was stopped with the runtime, or has panicked.
    done.unwrap_or_else(|error| Err(Fault::new(Kind::Unavailable, doing, subject, error.to_string())))
}
