//! An S3 server inside the test's process, which checks signatures as the real ones do, and a faulty front before it.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

mod front;

pub use front::{Front, Request, Trouble};

/// The access key that the server knows.
pub const ACCESS_KEY: &str = "AKIATESTKIT";
/// Its secret.
pub const SECRET_KEY: &str = "testkit-secret-0123456789abcdef";
/// The bucket that is there.
pub const BUCKET: &str = "media";

/// A server with one empty bucket. Ends, and forgets all, when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    dir: TempDir,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory for a bucket");
        fs::create_dir(dir.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(dir.path()).expect("a directory is a store");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(serve(listener, service.build()));
        Self { address, dir, task }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as `S3_ENDPOINT` takes it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where an object lies, so that a test can look at it or spoil it.
    pub fn file(&self, key: &str) -> PathBuf {
        self.dir.path().join(BUCKET).join(key)
    }

    /// Every object with its bytes.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let bucket = self.dir.path().join(BUCKET);
        let mut found = BTreeMap::new();
        collect(&bucket, &bucket, &mut found);
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service.clone());
        // Clients hang up whenever they like.
        tokio::spawn(async move { drop(connection.await) });
    }
}

fn collect(bucket: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    // Directories go with their last object, perhaps just now.
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(bucket, &path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            let key = path.strip_prefix(bucket).expect("it is below").display().to_string();
            // The server keeps its own notes beside the objects.
            if !entry.file_name().to_string_lossy().starts_with('.') {
                found.insert(key, bytes);
            }
        }
    }
}
