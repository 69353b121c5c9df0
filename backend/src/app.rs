//! The whole backend as a value: what `main` and every test build and run.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App as Actix, HttpServer, middleware, web};
use sluice_config::{Config, ExposeSecret};
use sluice_store::Store;
use thiserror::Error;
use tokio::fs;
use tokio::net::TcpSocket;

use crate::accounts::first_administrator::{self, FirstAdministrator};
use crate::accounts::hasher::Hasher;
use crate::accounts::ticket::Signer;
use crate::admin::Sums;
use crate::channels::Absent;
use crate::door::Door;
use crate::http::limits::Limits;
use crate::http::security::SecurityHeaders;
use crate::live::dvr_access::Gate;
use crate::live::{self, Live};
use crate::mail::{self, Postbox};
use crate::ops::{health::Newest, metrics};
use crate::realtime::{Bus, Visibility};
use crate::state::AppState;
use crate::{clips, frontend, housekeeping, http, routes, shutdown};

/// A request that is still being answered this long after the word to stop is cut off. Longer than a database's
/// time-out, shorter than what systemd grants.
const STOP_TIMEOUT_S: u64 = 10;

/// How long an idle connection is kept: longer than nginx keeps its own (`nginx/nginx.conf`), so that it is always
/// nginx that closes, and no request meets a connection that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Connections that may wait to be accepted: a hall full of players that come at once.
const BACKLOG: u32 = 4096;

/// How long mail that is on its way may hold up the stop.
const MAIL_PATIENCE: Duration = Duration::from_secs(5);

/// A backend that listens already, and answers once it runs.
pub struct App {
    server: Server,
    address: SocketAddr,
    state: AppState,
    trigger: shutdown::Trigger,
    first_administrator: Option<FirstAdministrator>,
}

/// Why the backend cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data directory cannot be made.
    #[error("cannot make the directory {}: {source} (see DATA_DIR)", dir.display())]
    DataDir {
        /// The directory.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database cannot be used.
    #[error("cannot open the database: {source}{} (see DATABASE_URL)", because(.source))]
    Store {
        /// What the store says.
        #[from]
        source: sluice_store::Error,
    },
    /// What was live cannot be restored.
    #[error(transparent)]
    Live(#[from] live::StartError),
    /// The settings for mail cannot be used.
    #[error("cannot send mail: {0}")]
    Mail(#[from] mail::Undelivered),
    /// The first administrator cannot be made.
    #[error("cannot make the first administrator: {source}{} (see ADMIN_EMAIL)", because(.source))]
    FirstAdministrator {
        /// What stood against it.
        source: crate::error::Error,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source} (see BACKEND_BIND and BACKEND_PORT)")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl App {
    /// Binds the address of the configuration (port 0 takes any free one), connects the store and prepares what is live.
    ///
    /// In this order: a process that finds its address taken has touched nothing of the one that has it.
    pub async fn build(config: Config) -> Result<Self, StartError> {
        let address = SocketAddr::new(config.backend_bind, config.backend_port);
        let listener = bind(address).map_err(|source| StartError::Listen { address, source })?;
        let (trigger, ear) = shutdown::channel();
        let state = assemble(config, ear).await?;
        let first_administrator = first_administrator::ensure(&state)
            .await
            .map_err(|source| StartError::FirstAdministrator { source })?;
        let served = serve(&state, listener).map_err(|source| StartError::Listen { address, source });
        let (server, address) = served?;
        Ok(Self {
            server,
            address,
            state,
            trigger,
            first_administrator,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its handlers share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The administrator that this start has made, to be shown once.
    pub fn first_administrator(&self) -> Option<&FirstAdministrator> {
        self.first_administrator.as_ref()
    }

    /// Answers until `shutdown` comes, then lets the requests at hand end and stops.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.server.handle();
        let running = tokio::spawn(self.server);
        let upkeep = [
            tokio::spawn(metrics::keep_up()),
            tokio::spawn(housekeeping::run(self.state.clone())),
            tokio::spawn(clips::watch::run(self.state.clone())),
        ];
        shutdown.await;
        self.trigger.pull();
        handle.stop(true).await;
        upkeep.iter().for_each(tokio::task::JoinHandle::abort);
        self.state.postbox.settle(MAIL_PATIENCE).await;
        let stopped = running.await;
        self.state.live.withdraw_handovers();
        stopped.map_err(io::Error::other)?
    }
}

async fn assemble(config: Config, shutdown: shutdown::Shutdown) -> Result<AppState, StartError> {
    let dir = config.data_dir.clone();
    fs::create_dir_all(&dir)
        .await
        .map_err(|source| StartError::DataDir { dir, source })?;
    let store = Store::connect(config.database_url.expose_secret()).await?;
    store.recordings().adopt().await?;
    let bus = Bus::default();
    Ok(AppState {
        live: Live::start(&config, store.clone(), bus.clone()).await?,
        bus,
        clip_watch: clips::watch::Watch::default(),
        visibility: Visibility::new(store.clone()),
        absent: Absent::default(),
        readiness: Newest::default(),
        security: Arc::new(SecurityHeaders::of(&config)),
        limits: Arc::new(Limits::default()),
        gate: Gate::new(&config),
        sums: Sums::default(),
        hasher: Hasher::default(),
        signer: Signer::new(&config.jwt_secret),
        postbox: Postbox::new(mail::mailer(&config)?),
        config: Arc::new(config),
        store,
        shutdown,
    })
}

/// Takes the address, and holds who connects already until the server accepts them.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Connections of the process before may linger in TIME_WAIT; one that listens still refuses us.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

fn serve(state: &AppState, listener: TcpListener) -> io::Result<(Server, SocketAddr)> {
    let address = listener.local_addr()?;
    let data = web::Data::new(state.clone());
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(http::LARGEST_BODY))
            .app_data(web::JsonConfig::default().limit(http::LARGEST_BODY))
            .configure(routes::configure)
            .default_service(web::to(frontend::handle))
            .wrap(middleware::from_fn(http::answer::layer))
            .wrap(Door(data.clone()))
    })
    // Who closes the connection does not want the answer any more: players that wait for a part come and go.
    .h1_allow_half_closed(false)
    .disable_signals()
    .shutdown_timeout(STOP_TIMEOUT_S)
    .keep_alive(KEEP_ALIVE)
    .listen(listener)?;
    Ok((server.run(), address))
}

/// The words behind an error's own: at the start there is nobody but the operator to read them.
fn because(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(String::new, |cause| format!(": {cause}"))
}
