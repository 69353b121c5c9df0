//! What is said of an object beside its bytes.

use actix_web::http::header::{self, ContentDisposition, HeaderMap, HeaderValue, TryIntoHeaderValue as _};

/// What never changes: a segment's name is its moment, every other object's its own.
pub(crate) const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400, immutable");
/// The same, for whoever asked: where not everyone may see it, a cache in between may not look at who asks.
pub(crate) const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=86400, immutable");
/// A third of the time for which a signed address is good: whoever is sent there by a cache still has minutes.
const FOR_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");
const PRIVATE_FOR_MINUTES: HeaderValue = HeaderValue::from_static("private, max-age=300");
/// Streams may be embedded anywhere.
pub(crate) const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
/// What a player on another site may read of an answer, as `nginx/cors.conf` has it. `Age` and `Date` tell it how far
/// behind live a cache is.
pub(crate) const EXPOSED: HeaderValue = HeaderValue::from_static("Age, Content-Length, Content-Range, Date, ETag");
/// A segment.
pub(crate) const MPEG_TS: HeaderValue = HeaderValue::from_static("video/mp2t");
/// A picture.
pub(crate) const JPEG: HeaderValue = HeaderValue::from_static("image/jpeg");

/// How an object is sent, wherever it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Dress {
    /// What it is.
    pub(crate) content_type: HeaderValue,
    /// For how long it holds.
    pub(crate) caching: HeaderValue,
    /// What it is to be saved as. No other server would say so: it is sent from here.
    pub(crate) name: Option<ContentDisposition>,
    /// What tells its versions apart, where one address has several.
    pub(crate) tag: Option<HeaderValue>,
    /// A segment, which nginx knows how to fetch from a bucket.
    pub(crate) is_segment: bool,
}

impl Dress {
    /// A segment's.
    pub(crate) const SEGMENT: Self = Self {
        content_type: MPEG_TS,
        caching: FOR_A_DAY,
        name: None,
        tag: None,
        is_segment: true,
    };

    /// For how long one is sent where it is: for as long as it holds, but no longer than a signed address does.
    pub(super) fn pointing(&self) -> HeaderValue {
        match &self.caching {
            caching if *caching == FOR_A_DAY => FOR_MINUTES,
            caching if *caching == PRIVATE => PRIVATE_FOR_MINUTES,
            caching => caching.clone(),
        }
    }

    pub(super) fn put_on(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::CACHE_CONTROL, self.caching.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if let Some(tag) = &self.tag {
            headers.insert(header::ETAG, tag.clone());
        }
        let name = self.name.as_ref().and_then(|name| name.clone().try_into_value().ok());
        if let Some(name) = name {
            headers.insert(header::CONTENT_DISPOSITION, name);
        }
    }
}
