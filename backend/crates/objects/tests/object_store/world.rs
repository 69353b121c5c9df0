//! What cases begin with: an empty store, and files to put.

use std::fs;
use std::path::PathBuf;

use sluice_objects::{Key, ObjectStore, s3};
use sluice_testkit::s3::{ACCESS_KEY, BUCKET, Front, SECRET_KEY, Server};
use tempfile::TempDir;

/// Where objects are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Local,
    S3,
}

/// An empty store, and a directory for files.
pub(crate) struct World {
    pub(crate) store: ObjectStore,
    pub(crate) dir: TempDir,
    server: Option<Server>,
}

impl World {
    pub(crate) async fn empty(kind: Kind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (store, server) = match kind {
            Kind::Local => (ObjectStore::local(dir.path().join("objects")).unwrap(), None),
            Kind::S3 => {
                let server = Server::start().await;
                (ObjectStore::s3(&settings(&server.endpoint())), Some(server))
            }
        };
        Self { store, dir, server }
    }

    /// A file to put.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Puts bytes under a key.
    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) -> Key {
        let (key, file) = (Key::parse(key).unwrap(), self.file("to-put", bytes));
        self.store.put(&key, &file).await.unwrap();
        fs::remove_file(file).unwrap();
        key
    }

    /// Where the store's own copy of an object is, for a case that spoils it.
    pub(crate) fn kept(&self, key: &Key) -> PathBuf {
        match &self.server {
            None => self.dir.path().join("objects").join(key.as_str()),
            Some(server) => server.file(key.as_str()),
        }
    }
}

/// A bucket behind a front that makes trouble.
pub(crate) struct Behind {
    pub(crate) store: ObjectStore,
    pub(crate) front: Front,
    pub(crate) server: Server,
    pub(crate) dir: TempDir,
}

impl Behind {
    pub(crate) async fn a_front() -> Self {
        let server = Server::start().await;
        let front = Front::start(server.address()).await;
        Self {
            store: ObjectStore::s3(&settings(&front.endpoint())),
            front,
            server,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A file of so many bytes, and a key for it.
    pub(crate) fn segment(&self, bytes: usize) -> (Key, PathBuf) {
        let path = self.dir.path().join("segment.ts");
        fs::write(&path, vec![7; bytes]).unwrap();
        (Key::segment("stage", "20261120-222053-00000042").unwrap(), path)
    }
}

pub(crate) fn settings(endpoint: &str) -> s3::Settings {
    s3::Settings {
        endpoint: Some(endpoint.parse().unwrap()),
        region: "eu-west-1".to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.into(),
        public_url: None,
    }
}
