//! The object store that the settings name.

use sluice_config::{Config, ExposeSecret, ObjectStore as Named};
use sluice_objects::{Error, ObjectStore, s3};

/// Opens it. A directory is made; of a bucket nothing is asked yet.
pub fn open(config: &Config) -> Result<ObjectStore, Error> {
    match bucket(config) {
        None => ObjectStore::local(config.objects_dir()),
        Some(settings) => Ok(ObjectStore::s3(&settings)),
    }
}

/// The bucket, and who we are there; nothing where objects are kept in a directory.
pub fn bucket(config: &Config) -> Option<s3::Settings> {
    match &config.object_store {
        Named::Local => None,
        Named::S3(bucket) => Some(s3::Settings {
            endpoint: bucket.endpoint.clone(),
            region: bucket.region.clone(),
            bucket: bucket.bucket.clone(),
            access_key: bucket.access_key.expose_secret().to_owned(),
            secret_key: bucket.secret_key.clone(),
            public_url: bucket.public_url.clone(),
        }),
    }
}
