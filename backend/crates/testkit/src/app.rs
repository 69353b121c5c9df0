//! The backend alone, inside the test's process: what the API's tests talk to.

use std::{collections::BTreeMap, path::Path};

use sluice_backend::app;
use sluice_config::Config;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::Api;

/// The key that signs logins in every test.
pub(crate) const JWT_SECRET: &str = "testkit-0123456789abcdef0123456789abcdef";

/// A backend on a free port, with a data directory of its own. Ends when dropped.
#[derive(Debug)]
pub struct App {
    base: String,
    config: Config,
    running: JoinHandle<()>,
    // Dropped, it tells the backend to stop.
    _shutdown: oneshot::Sender<()>,
    _dir: TempDir,
}

impl App {
    /// A backend with default settings on SQLite.
    pub async fn start() -> Self {
        Self::start_with::<&str>([]).await
    }

    /// The same with settings of the test's own, by the names of the environment.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with<V: AsRef<str>>(env: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut settings = settings(dir.path());
        settings.extend(
            env.into_iter()
                .map(|(name, value)| (name.to_owned(), value.as_ref().to_owned())),
        );
        let config = Config::from_vars(settings).expect("usable settings");
        let app = app::App::build(config.clone()).await.expect("the backend starts");
        let base = format!("http://{}", app.address());
        let (shutdown, told) = oneshot::channel();
        let running = tokio::spawn(async move {
            let stop = async {
                let _ = told.await;
            };
            app.run_until(stop).await.expect("the backend runs");
        });
        Self {
            base,
            config,
            running,
            _shutdown: shutdown,
            _dir: dir,
        }
    }

    /// A client that is nobody yet.
    pub fn api(&self) -> Api {
        Api::new(&self.base)
    }

    /// The address it listens on, such as `http://127.0.0.1:40123`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What it was started with.
    pub const fn config(&self) -> &Config {
        &self.config
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Settings that keep a backend inside `dir`, on any free port.
pub(crate) fn settings(dir: &Path) -> BTreeMap<String, String> {
    let below = |name: &str| dir.join(name).display().to_string();
    BTreeMap::from([
        ("JWT_SECRET".to_owned(), JWT_SECRET.to_owned()),
        ("BACKEND_PORT".to_owned(), "0".to_owned()),
        ("DATA_DIR".to_owned(), below("data")),
        ("LOG_DIR".to_owned(), below("logs")),
        ("FRONTEND_DIR".to_owned(), below("site")),
    ])
}
