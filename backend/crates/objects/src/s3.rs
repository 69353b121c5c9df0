//! A bucket as object store: AWS, or whatever else speaks S3 at an endpoint of its own.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    self, BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RequestChecksumCalculation,
    ResponseChecksumValidation, RuntimeComponents,
};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::{ByteStream, DateTime, Length};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use sluice_domain::Millis;
use url::Url;

use crate::digest::{Checksum, Digest};
use crate::fault::{Fault, Kind};
use crate::key::Key;
use crate::store::{self, Head, Listed, Method, Page, Permit};
use trouble::trouble;

mod trouble;

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How long it may take to answer, beside the time that the bytes need.
const PATIENCE: Duration = Duration::from_secs(20);
/// The slowest line on which uploads still succeed, in bytes a second.
const SLOWEST: u64 = 128 * 1024;
/// Keys in one request to delete: S3's own bound.
const BATCH: usize = 1000;
/// Read from a file at a time.
const CHUNK: usize = 256 * 1024;
/// The name of our checksum among an object's metadata (`x-amz-meta-md5`). The ETag is one only where the server does
/// not encrypt.
const CHECKSUM: &str = "md5";
/// Addresses are signed as of the last full step of this length: whoever asks within it gets the same address, and so do
/// caches on the way.
const STEP: Duration = Duration::from_secs(300);
/// A segment never changes: its name is its moment.
const FOR_A_DAY: &str = "public, max-age=86400, immutable";

/// Which bucket it is, and who we are there.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server, where it is not AWS. Buckets then stand in the path.
    pub endpoint: Option<Url>,
    /// The region; servers of one's own mostly take any word.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The access key's id.
    pub access_key: String,
    /// Its secret.
    pub secret_key: SecretString,
    /// Where everybody finds the bucket's objects: `<this>/<key>`.
    pub public_url: Option<Url>,
}

impl Settings {
    /// Scheme, host and port that signed addresses of the bucket's objects begin with.
    pub fn origin(&self) -> String {
        let Self { region, bucket, .. } = self;
        let domain = match region.starts_with("cn-") {
            true => "amazonaws.com.cn",
            false => "amazonaws.com",
        };
        match &self.endpoint {
            Some(endpoint) => endpoint.origin().ascii_serialization(),
            // A certificate covers one level of names only.
            None if bucket.contains('.') => format!("https://s3.{region}.{domain}"),
            None => format!("https://{bucket}.s3.{region}.{domain}"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct S3 {
    client: Client,
    bucket: String,
    server: String,
    public_url: Option<String>,
}

/// An object on its way.
#[derive(Debug)]
pub(crate) struct Body(ByteStream);

impl S3 {
    pub(crate) fn new(settings: &Settings) -> Self {
        let secret = settings.secret_key.expose_secret().to_owned();
        let credentials = Credentials::new(&settings.access_key, secret, None, None, "settings");
        let mut config = config::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            // Garage and others refuse the streaming checksums that are the default; ours is the Content-MD5.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            // Whoever calls knows better how long to go on trying.
            .retry_config(RetryConfig::disabled())
            .timeout_config(patience(0));
        if let Some(endpoint) = &settings.endpoint {
            config = config.endpoint_url(endpoint.as_str()).force_path_style(true);
        }
        let server = settings.endpoint.as_ref().map_or(settings.region.as_str(), Url::as_str);
        Self {
            client: Client::from_conf(config.build()),
            bucket: settings.bucket.clone(),
            server: server.trim_end_matches('/').to_owned(),
            public_url: settings
                .public_url
                .as_ref()
                .map(|url| url.as_str().trim_end_matches('/').to_owned()),
        }
    }

    pub(crate) fn identity(&self) -> String {
        format!("s3://{}@{}", self.bucket, self.server)
    }

    /// Gives the checksum of what the server says that it has now, where it tells one.
    pub(crate) async fn put(&self, key: &Key, file: &Path, digest: Digest) -> Result<Option<Checksum>, Fault> {
        let body = ByteStream::read_from()
            .path(file)
            .buffer_size(CHUNK)
            .length(Length::Exact(digest.bytes));
        let body = body.build().await;
        let body = body.map_err(|error| Fault::new(Kind::Source, "reading", key, error.to_string()))?;
        let put = self.client.put_object().bucket(&self.bucket).key(key.as_str());
        let answer = put
            .body(body)
            .content_length(i64::try_from(digest.bytes).unwrap_or(i64::MAX))
            .content_md5(digest.checksum.base64())
            .content_type(content_type(key))
            .cache_control(FOR_A_DAY)
            .metadata(CHECKSUM, digest.checksum.to_string())
            .customize()
            .config_override(config::Config::builder().timeout_config(patience(digest.bytes)))
            .send()
            .await
            .map_err(|error| trouble(&error, "putting", key))?;
        Ok(tag(answer.e_tag()))
    }

    pub(crate) async fn head(&self, key: &Key) -> Result<Option<Head>, Fault> {
        let head = self.client.head_object().bucket(&self.bucket).key(key.as_str());
        match head.send().await {
            Ok(found) => Ok(Some(Head {
                bytes: unsigned(found.content_length()),
                checksum: checksum(found.metadata()).or_else(|| tag(found.e_tag())),
            })),
            Err(error) => match trouble(&error, "looking at", key) {
                fault if fault.kind == Kind::Missing => Ok(None),
                fault => Err(fault),
            },
        }
    }

    pub(crate) async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<(u64, u64, store::Body), Fault> {
        // HTTP counts the last byte in.
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        let get = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .set_range(range.clone());
        let found = get.send().await.map_err(|error| trouble(&error, "fetching", key))?;
        if found
            .content_type()
            .is_some_and(|kind| kind.starts_with("application/xml"))
        {
            return Err(Fault::new(Kind::Garbled, "fetching", key, "XML instead of the object"));
        }
        let bytes = unsigned(found.content_length());
        let total = match (range, found.content_range().and_then(total_of)) {
            (None, _) => bytes,
            (Some(_), Some(total)) => total,
            (Some(_), None) => return Err(Fault::new(Kind::Garbled, "fetching", key, "all instead of a range")),
        };
        Ok((bytes, total, store::Body::S3(Body(found.body))))
    }

    pub(crate) async fn delete(&self, keys: &[Key]) -> Result<(), Fault> {
        let mut first = Ok(());
        for batch in keys.chunks(BATCH) {
            first = first.and(self.delete_batch(batch).await);
        }
        first
    }

    async fn delete_batch(&self, keys: &[Key]) -> Result<(), Fault> {
        let refused =
            |error: &dyn std::error::Error| Fault::new(Kind::Refused, "removing", "objects", error.to_string());
        let objects = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(key.as_str()).build());
        let objects = objects.collect::<Result<_, _>>().map_err(|error| refused(&error))?;
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| refused(&error))?;
        let request = self.client.delete_objects().bucket(&self.bucket).delete(delete);
        let answer = request.customize().interceptor(ContentMd5).send().await;
        let answer = answer.map_err(|error| trouble(&error, "removing", "objects"))?;
        // A success as a whole, which lists what has failed.
        match answer.errors().iter().find(|error| error.code() != Some("NoSuchKey")) {
            None => Ok(()),
            Some(error) => {
                let kind = Kind::told(500, error.code());
                let code = error.code().unwrap_or_default();
                Err(Fault::new(kind, "removing", error.key().unwrap_or_default(), code))
            }
        }
    }

    pub(crate) async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, Fault> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let answer = list.set_start_after(after.map(str::to_owned)).send().await;
        let answer = answer.map_err(|error| trouble(&error, "listing", prefix))?;
        let last = answer
            .contents()
            .last()
            .and_then(|object| object.key())
            .map(str::to_owned);
        let objects = answer.contents().iter().filter_map(|object| {
            Some(Listed {
                key: Key::parse(object.key()?)?,
                bytes: unsigned(object.size()),
                modified_at: Millis(object.last_modified().map_or(0, millis)),
            })
        });
        Ok(Page {
            objects: objects.collect(),
            next: last.filter(|_| answer.is_truncated() == Some(true)),
        })
    }

    pub(crate) async fn presigned(&self, key: &Key, permit: Permit) -> Result<Url, Fault> {
        let refused = |error: &dyn std::error::Error| Fault::new(Kind::Refused, "signing", key, error.to_string());
        let config = PresigningConfig::builder()
            .start_time(step_of(permit.now))
            .expires_in(permit.holds + STEP)
            .build()
            .map_err(|error| refused(&error))?;
        let signed = match permit.method {
            Method::Get => {
                let get = self.client.get_object().bucket(&self.bucket).key(key.as_str());
                let signed = get.presigned(config).await;
                signed.map_err(|error| trouble(&error, "signing", key))?
            }
            Method::Head => {
                let head = self.client.head_object().bucket(&self.bucket).key(key.as_str());
                let signed = head.presigned(config).await;
                signed.map_err(|error| trouble(&error, "signing", key))?
            }
        };
        // The parser's error names no part of the address.
        Url::parse(signed.uri()).map_err(|error| refused(&error))
    }

    pub(crate) fn public_url(&self, key: &Key) -> Option<String> {
        self.public_url.as_ref().map(|base| format!("{base}/{key}"))
    }
}

impl Body {
    pub(crate) async fn next(&mut self, key: &Key) -> Result<Option<Bytes>, Fault> {
        let next = self.0.try_next().await;
        next.map_err(|error| Fault::new(Kind::Interrupted, "fetching", key, error.to_string()))
    }
}

/// Deleting several objects must carry a digest of the request. The SDK's is a newer one, which older servers do not
/// take for it.
#[derive(Debug)]
struct ContentMd5;

impl Intercept for ContentMd5 {
    fn name(&self) -> &'static str {
        "ContentMd5"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(digest) = request.body().bytes().map(|body| Checksum::of(body).base64()) {
            request.headers_mut().insert("content-md5", digest);
        }
        Ok(())
    }
}

/// The beginning of the step that a moment is in.
fn step_of(now: Millis) -> SystemTime {
    let since = Duration::from_millis(now.0.unsigned_abs()).as_secs();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since - since % STEP.as_secs())
}

/// How long a request may take that moves so many bytes.
fn patience(bytes: u64) -> TimeoutConfig {
    let whole = PATIENCE + Duration::from_secs(bytes / SLOWEST);
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(whole)
        .operation_attempt_timeout(whole)
        .build()
}

fn content_type(key: &Key) -> &'static str {
    match key.as_str().rsplit('.').next() {
        Some("ts") => "video/mp2t",
        Some("mp4") => "video/mp4",
        Some("jpg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}

/// The checksum that an ETag is, where the server does not encrypt.
fn tag(tag: Option<&str>) -> Option<Checksum> {
    Checksum::parse(tag?.trim_matches('"'))
}

fn checksum(metadata: Option<&HashMap<String, String>>) -> Option<Checksum> {
    Checksum::parse(metadata?.get(CHECKSUM)?)
}

/// The whole length in `bytes 0-9/100`.
fn total_of(content_range: &str) -> Option<u64> {
    content_range.rsplit('/').next()?.parse().ok()
}

fn unsigned(number: Option<i64>) -> u64 {
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
}

fn millis(time: &DateTime) -> i64 {
    time.to_millis().unwrap_or(0)
}
