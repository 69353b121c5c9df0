//! The object store that the settings name.

use sluice_config::{Config, ExposeSecret, ObjectStore as Named};
use sluice_objects::{Error, ObjectStore, s3};

/// Opens it. A directory is made; of a bucket nothing is asked yet.
pub(crate) fn open(config: &Config) -> Result<ObjectStore, Error> {
    match &config.object_store {
        Named::Local => ObjectStore::local(config.objects_dir()),
        Named::S3(bucket) => Ok(ObjectStore::s3(&s3::Settings {
            endpoint: bucket.endpoint.clone(),
            region: bucket.region.clone(),
            bucket: bucket.bucket.clone(),
            access_key: bucket.access_key.expose_secret().to_owned(),
            secret_key: bucket.secret_key.clone(),
            public_url: bucket.public_url.clone(),
        })),
    }
}
