//! How people come by what the object store has: segments that left the disk, clips, thumbnails. The one place that knows
//! where they are sent.
//!
//! Enter by [`Delivery`]. What lies in the archive, on this machine's disk, is none of its business. The walk of a request
//! is in [`stored`], what is said of an object in [`dress`].

pub(crate) mod dress;
pub(crate) mod stored;

use std::path::PathBuf;
use std::time::Duration;

use sluice_config::{Config, SegmentDelivery};
use sluice_objects::{Error, Fault, Key, Method, ObjectStore, Permit};
use sluice_process::objects;
use url::Url;

use crate::clock;
use crate::media_server::Pass;

/// How long a signed address is good for at least. A store looks at the moment at which a download begins; a player that
/// loses its line goes on with the same address.
const HOLDS: Duration = Duration::from_secs(900);

/// The object store, as players see it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Delivery {
    mode: SegmentDelivery,
    objects: ObjectStore,
    pass: Pass,
}

/// Who asks for an object, and for what of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// How it is asked for.
    pub(super) method: Method,
    /// Our nginx asks, and can fetch it.
    pub(super) is_nginx: bool,
    /// It is to have a name of its own, which nobody else would give it.
    pub(super) is_named: bool,
}

/// Where a stored object is had from.
#[derive(Debug)]
pub(super) enum Way {
    /// This file.
    File(PathBuf),
    /// The player asks there itself.
    Elsewhere(String),
    /// Our nginx fetches it from there. Nobody else may learn of it.
    Nginx(Url),
    /// The backend fetches it.
    Backend,
}

impl Delivery {
    /// Opens the object store that the settings name. A directory is made; of a bucket nothing is asked yet.
    pub fn open(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            mode: config.segment_delivery,
            objects: objects::open(config)?,
            pass: Pass::of(&config.jwt_secret),
        })
    }

    /// Whether playlists list another address than the site's for what the object store has.
    pub fn is_direct(&self) -> bool {
        self.mode == SegmentDelivery::Direct
    }

    /// The address that a playlist lists for a stored segment in place of the relative one. Nothing where the segment is
    /// asked of the site.
    pub fn url(&self, slug: &str, name: &str) -> Option<String> {
        let key = Key::segment(slug, name).ok()?;
        self.objects.public_url(&key).filter(|_| self.is_direct())
    }

    /// What keeps the segments.
    pub(crate) fn objects(&self) -> &ObjectStore {
        &self.objects
    }

    /// Whether it is our nginx that asks, by what it shows.
    pub(crate) fn is_nginx(&self, shown: Option<&[u8]>) -> bool {
        shown.is_some_and(|word| self.pass.is(word))
    }

    /// Where somebody is to have an object from. Nothing is asked of the object store, which may not have it.
    pub(super) async fn way(&self, key: &Key, asked: Asked) -> Result<Way, Fault> {
        if let Some(file) = self.objects.file(key) {
            return Ok(Way::File(file));
        }
        if asked.is_named {
            return Ok(Way::Backend);
        }
        if self.mode == SegmentDelivery::Direct
            && let Some(public) = self.objects.public_url(key)
        {
            return Ok(Way::Elsewhere(public));
        }
        let (redirects, fetches) = (self.mode == SegmentDelivery::Redirect, asked.is_nginx);
        if !redirects && !fetches {
            return Ok(Way::Backend);
        }
        // nginx always fetches the whole.
        let method = if redirects { asked.method } else { Method::Get };
        let permit = Permit {
            method,
            now: clock::now(),
            holds: HOLDS,
        };
        let signed = self.objects.presigned(key, permit).await?;
        Ok(match signed {
            Some(signed) if redirects => Way::Elsewhere(signed.into()),
            Some(signed) => Way::Nginx(signed),
            None => Way::Backend,
        })
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
    fn only_with_direct_delivery_a_playlist_lists_another_address() {
        let public = format!("https://cdn.example.org/media/stage/20261120/{NAME}.ts");
        assert_eq!(delivery("direct").url("stage", NAME), Some(public));
        assert_eq!(delivery("redirect").url("stage", NAME), None);
        assert_eq!(delivery("proxy").url("stage", NAME), None);
        assert_eq!(delivery("direct").url("stage", "../secret"), None);
    }

    #[tokio::test]
    async fn a_signed_address_is_told_to_players_who_are_sent_there_and_else_to_our_nginx_alone() {
        let key = Key::segment("stage", NAME).unwrap();
        let asked = |is_nginx, is_named| Asked {
            method: Method::Get,
            is_nginx,
            is_named,
        };
        let way = async |mode, is_nginx| delivery(mode).way(&key, asked(is_nginx, false)).await.unwrap();
        for is_nginx in [true, false] {
            assert!(matches!(way("direct", is_nginx).await, Way::Elsewhere(url) if url.starts_with("https://cdn.")));
            assert!(matches!(way("redirect", is_nginx).await, Way::Elsewhere(url) if url.contains("X-Amz-Signature=")));
        }
        assert!(matches!(way("proxy", true).await, Way::Nginx(url) if url.path().ends_with(key.as_str())));
        assert!(matches!(way("proxy", false).await, Way::Backend));
        for mode in ["direct", "redirect", "proxy"] {
            let named = delivery(mode).way(&key, asked(true, true)).await.unwrap();
            assert!(matches!(named, Way::Backend), "{mode}");
        }
    }
}
