//! PUT and nothing else: no checksum, no look whether it is there, no record.

use std::path::Path;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{self, BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::primitives::ByteStream;
use sluice_testkit::s3::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};

/// Read from a file at a time: what the uploader reads. The SDK's own choice is a handicap.
const BUFFER: usize = 256 * 1024;

/// Somebody who puts objects as the SDK does by itself.
#[derive(Clone)]
pub(crate) struct Raw(Client);

impl Raw {
    pub(crate) fn to(server: &Server) -> Self {
        let config = config::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "bench"))
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .endpoint_url(server.endpoint())
            .force_path_style(true);
        Self(Client::from_conf(config.build()))
    }

    /// Puts a file, and says how long that took.
    pub(crate) async fn put(&self, key: &str, file: &Path) -> Duration {
        let begun = Instant::now();
        let body = ByteStream::read_from().path(file).buffer_size(BUFFER).build();
        let body = body.await.expect("a file");
        let put = self.0.put_object().bucket(BUCKET).key(key).body(body);
        put.send().await.expect("the server takes it");
        begun.elapsed()
    }
}
