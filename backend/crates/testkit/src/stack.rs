//! A whole Sluice on free ports: nginx and the backend as processes that can be killed and started again.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use nix::sys::signal::Signal;
use sluice_backend::media_server;
use sluice_config::Config;
use tempfile::TempDir;

use crate::{
    Api, Encoder, Publisher, app,
    ports::Ports,
    process::{Child, Launch, tail},
    wait_for,
};

/// How long a process may take until it answers, on a machine that is busy with other tests.
const START_BOUND: Duration = Duration::from_secs(60);

/// What a site's build would have put into FRONTEND_DIR.
const INDEX: &str = "<!doctype html><title>Sluice</title>";

/// How a stack is set up.
#[derive(Debug, Default)]
pub struct Builder {
    env: BTreeMap<String, String>,
}

impl Builder {
    /// A setting, by its name in the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// The database; without one, SQLite in the stack's own directory.
    #[must_use]
    pub fn database(self, url: impl Into<String>) -> Self {
        self.env("DATABASE_URL", url)
    }

    /// Starts nginx and the backend and waits until both answer.
    ///
    /// # Panics
    /// When one does not start, with its log.
    pub async fn start(self) -> Stack {
        let mut stack = Stack::new(self.env);
        stack.start_nginx().await;
        stack.start_backend().await;
        stack
    }
}

/// A Sluice of its own. Dropped, its processes are killed; in a test that failed, its directory stays and the ends
/// of its logs are printed.
#[derive(Debug)]
pub struct Stack {
    config: Config,
    env: BTreeMap<String, String>,
    nginx: Option<Child>,
    backend: Option<Child>,
    dir: Option<TempDir>,
    _ports: Ports,
}

impl Stack {
    /// A stack with default settings, on SQLite, started.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A stack to be set up otherwise.
    pub fn builder() -> Builder {
        Builder::default()
    }

    fn new(more: BTreeMap<String, String>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let ports = Ports::take();
        let mut env = app::settings(dir.path());
        for (place, name) in (0..).zip(["HTTP_PORT", "RTMP_PORT", "SEGMENTER_PORT", "BACKEND_PORT"]) {
            env.insert(name.to_owned(), ports.get(place).to_string());
        }
        env.extend(more);
        let config = Config::from_vars(env.clone()).expect("usable settings");
        fs::create_dir_all(&config.frontend_dir).expect("a directory");
        let index = config.frontend_dir.join("index.html");
        // A test that wants the built site says where it is; it is left as it is.
        if !index.exists() {
            fs::write(index, INDEX).expect("a page");
        }
        Self {
            config,
            env,
            nginx: None,
            backend: None,
            dir: Some(dir),
            _ports: ports,
        }
    }

    /// What it was started with.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The directory that everything is in: `data`, `logs`, and a log file for each process.
    ///
    /// # Panics
    /// Never while the stack lives.
    pub fn dir(&self) -> &Path {
        self.dir.as_ref().expect("the directory is there until the drop").path()
    }

    /// A client of the public server that is nobody yet.
    pub fn api(&self) -> Api {
        Api::new(format!("http://127.0.0.1:{}", self.config.http_port))
    }

    /// The same, straight to the backend.
    pub fn backend_api(&self) -> Api {
        Api::new(format!("http://127.0.0.1:{}", self.config.backend_port))
    }

    /// Where encoders connect to.
    pub fn rtmp(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.config.rtmp_port))
    }

    /// What an encoder publishes to with a stream name, on the application `live`.
    pub fn rtmp_url(&self, name: &str) -> String {
        format!("rtmp://{}/live/{name}", self.rtmp())
    }

    /// A default encoder that publishes under a stream name; see [`Encoder`] for others.
    pub fn publish(&self, name: &str) -> Publisher {
        Encoder::default().publish(&self.rtmp_url(name))
    }

    /// Kills the backend as a power cut would.
    pub fn kill_backend(&mut self) {
        drop(self.backend.take());
    }

    /// Ends the backend as an administrator would, and waits for its end.
    pub fn stop_backend(&mut self) {
        if let Some(mut backend) = self.backend.take() {
            backend.end_by(Signal::SIGTERM);
        }
    }

    /// Starts the backend and waits until it answers.
    ///
    /// # Panics
    /// When it does not, with its log; or when there is no binary.
    pub async fn start_backend(&mut self) {
        let binary = backend_binary();
        let backend = Launch::new(binary, self.dir().join("backend.log"))
            .env(&self.env)
            .start();
        let backend = self.backend.insert(backend);
        let api = Api::new(format!("http://127.0.0.1:{}", self.config.backend_port));
        wait_for(START_BOUND, "the backend answers /healthz", async || {
            assert!(backend.is_running(), "the backend ended:\n{}", tail(backend.log_path()));
            let answer = api.request(reqwest::Method::GET, "/healthz").send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Kills nginx, master and worker, as a power cut would.
    pub fn kill_nginx(&mut self) {
        drop(self.nginx.take());
    }

    /// Ends nginx as an administrator would, and waits for its end.
    pub fn stop_nginx(&mut self) {
        if let Some(mut nginx) = self.nginx.take() {
            nginx.end_by(Signal::SIGTERM);
        }
    }

    /// Starts nginx and waits until it listens.
    ///
    /// # Panics
    /// When it does not, with its log.
    pub async fn start_nginx(&mut self) {
        let main = media_server::config::write(&self.config).expect("the configuration can be written");
        let launch = Launch::new("nginx", self.dir().join("nginx.log"))
            .args(["-e", "stderr", "-c"])
            .args([main])
            .ends_its_own_children();
        let nginx = self.nginx.insert(launch.start());
        let ports = [self.config.http_port, self.config.rtmp_port, self.config.segmenter_port];
        wait_for(START_BOUND, "nginx listens", async || {
            assert!(nginx.is_running(), "nginx ended:\n{}", tail(nginx.log_path()));
            let listens = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            ports.into_iter().all(listens).then_some(())
        })
        .await;
    }

    /// The backend's process id, while it runs.
    pub fn backend_id(&self) -> Option<u32> {
        self.backend.as_ref().map(Child::id)
    }

    /// The process id of nginx's master, while it runs.
    pub fn nginx_id(&self) -> Option<u32> {
        self.nginx.as_ref().map(Child::id)
    }

    /// Everything the backend has printed, over all its starts.
    pub fn backend_log(&self) -> String {
        fs::read_to_string(self.dir().join("backend.log")).unwrap_or_default()
    }

    /// Every file below the stack's directory: to look for what must not be in any of them.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut dirs = vec![self.dir().to_owned()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => dirs.push(entry.path()),
                    Ok(kind) if kind.is_file() => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        files
    }

    fn logs(&self) -> Vec<PathBuf> {
        let is_log = |path: &PathBuf| path.extension().is_some_and(|end| end == "log");
        self.files().into_iter().filter(is_log).collect()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        for log in self.logs() {
            eprint!("{}", tail(&log));
        }
        if let Some(dir) = self.dir.take() {
            eprintln!("the stack's directory stays: {}", dir.keep().display());
        }
    }
}

/// The backend's binary as cargo has put it: beside the directory of the test's own.
fn backend_binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("a test is in target/PROFILE/deps");
    let binary = profile.join("sluice-backend");
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build -p sluice-backend` first",
        binary.display()
    );
    binary
}
