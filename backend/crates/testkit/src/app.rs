//! The backend alone, inside the test's process: what the API's tests talk to.

use std::{collections::BTreeMap, path::Path};

use sluice_backend::{app, state::AppState};
use sluice_config::Config;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::Api;

/// The key that signs logins in every test.
pub(crate) const JWT_SECRET: &str = "testkit-0123456789abcdef0123456789abcdef";

/// A backend on a free port, with a data directory of its own. Ends when dropped.
pub struct App {
    base: String,
    config: Config,
    state: AppState,
    first_administrator: Option<(String, String)>,
    running: JoinHandle<()>,
    // Dropped, it tells the backend to stop.
    shutdown: Option<oneshot::Sender<()>>,
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
        let state = app.state().clone();
        let first_administrator = app
            .first_administrator()
            .map(|made| (made.email.clone(), made.password.clone()));
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
            state,
            first_administrator,
            running,
            shutdown: Some(shutdown),
            _dir: dir,
        }
    }

    /// Tells it to stop, as SIGTERM does; it answers what it was asked before.
    pub fn stop(&mut self) {
        self.shutdown = None;
    }

    /// A client that is nobody yet.
    pub fn api(&self) -> Api {
        Api::new(&self.base)
    }

    /// The address it listens on, such as `http://127.0.0.1:40123`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What its handlers share: the store, for what the API cannot bring about.
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// E-mail address and password of the administrator that this start has made.
    pub fn first_administrator(&self) -> Option<(&str, &str)> {
        let (email, password) = self.first_administrator.as_ref()?;
        Some((email, password))
    }

    /// A client that is the first administrator.
    ///
    /// # Panics
    /// When this start has made none.
    pub async fn administrator(&self) -> Api {
        let (email, password) = self.first_administrator().expect("made at the first start");
        self.api().logged_in(email, password).await
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
