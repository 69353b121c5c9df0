//! How players come by segments that the object store has: the one place that knows where they are sent.
//!
//! Enter by [`Delivery`]. What lies on this machine's disk is none of its business.

use sluice_config::{Config, ExposeSecret, ObjectStore as Named, SegmentDelivery};
use sluice_objects::{Error, Key, ObjectStore, s3};
use sluice_store::offload::Place;

/// The object store, as players see it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Delivery {
    mode: SegmentDelivery,
    objects: ObjectStore,
}

impl Delivery {
    /// Opens the object store that the settings name. A directory is made; of a bucket nothing is asked yet.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let objects = match &config.object_store {
            Named::Local => ObjectStore::local(config.objects_dir())?,
            Named::S3(bucket) => ObjectStore::s3(&s3::Settings {
                endpoint: bucket.endpoint.clone(),
                region: bucket.region.clone(),
                bucket: bucket.bucket.clone(),
                access_key: bucket.access_key.expose_secret().to_owned(),
                secret_key: bucket.secret_key.clone(),
                public_url: bucket.public_url.clone(),
            }),
        };
        Ok(Self {
            mode: config.segment_delivery,
            objects,
        })
    }

    /// The address that a playlist lists for a segment in place of the relative one: with direct delivery, that of
    /// whatever the object store was seen to have. Nothing where the segment is asked of the site.
    pub fn url(&self, slug: &str, name: &str, place: Place) -> Option<String> {
        if self.mode != SegmentDelivery::Direct || !place.is_stored() {
            return None;
        }
        self.objects.public_url(&Key::segment(slug, name).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "20261120-222053-00000042";

    fn delivery(mode: &str) -> Delivery {
        let config = Config::from_vars([
            ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
            ("OBJECT_STORE", "s3"),
            ("S3_BUCKET", "media"),
            ("S3_ACCESS_KEY", "AKIA0123"),
            ("S3_SECRET_KEY", "hunter2"),
            ("S3_PUBLIC_URL", "https://cdn.example.org/media/"),
            ("SEGMENT_DELIVERY", mode),
        ]);
        Delivery::open(&config.unwrap()).unwrap()
    }

    #[test]
    fn only_with_direct_delivery_a_playlist_lists_another_address_and_only_of_what_is_stored() {
        let public = format!("https://cdn.example.org/media/stage/20261120/{NAME}.ts");
        for place in [Place::Both, Place::Store] {
            assert_eq!(delivery("direct").url("stage", NAME, place), Some(public.clone()));
            assert_eq!(delivery("redirect").url("stage", NAME, place), None);
            assert_eq!(delivery("proxy").url("stage", NAME, place), None);
        }
        for place in [Place::Disk, Place::Lost] {
            assert_eq!(delivery("direct").url("stage", NAME, place), None);
        }
        assert_eq!(delivery("direct").url("stage", "../secret", Place::Store), None);
    }
}
