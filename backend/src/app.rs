//! The whole backend as a value: what `main` and every test build and run.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App as Actix, HttpServer, middleware, web};
use sluice_config::Config;
use thiserror::Error;

use crate::live::Live;
use crate::ops::metrics;
use crate::realtime::Bus;
use crate::state::AppState;
use crate::{http, routes, shutdown};

/// A request that is still being answered this long after the word to stop is cut off. Longer than a database's
/// time-out, shorter than what systemd grants.
const STOP_TIMEOUT_S: u64 = 10;

/// How long an idle connection is kept: longer than nginx keeps its own (`nginx/nginx.conf`), so that it is always
/// nginx that closes, and no request meets a connection that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A backend that listens already, and answers once it runs.
pub struct App {
    server: Server,
    address: SocketAddr,
    state: AppState,
    trigger: shutdown::Trigger,
}

/// Why the backend cannot start.
#[derive(Debug, Error)]
pub enum StartError {
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
    /// Connects the store, prepares what is live and binds the address of the configuration; port 0 takes any free one.
    pub async fn build(config: Config) -> Result<Self, StartError> {
        let (trigger, ear) = shutdown::channel();
        let bus = Bus::default();
        let state = AppState {
            live: Live::default(),
            config: Arc::new(config),
            bus,
            shutdown: ear,
        };
        let address = SocketAddr::new(state.config.backend_bind, state.config.backend_port);
        let (server, address) = serve(&state, address).map_err(|source| StartError::Listen { address, source })?;
        Ok(Self {
            server,
            address,
            state,
            trigger,
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

    /// Answers until `shutdown` comes, then lets the requests at hand end and stops.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.server.handle();
        let running = tokio::spawn(self.server);
        let upkeep = tokio::spawn(metrics::keep_up());
        shutdown.await;
        self.trigger.pull();
        handle.stop(true).await;
        upkeep.abort();
        running.await.map_err(io::Error::other)?
    }
}

fn serve(state: &AppState, address: SocketAddr) -> io::Result<(Server, SocketAddr)> {
    let data = web::Data::new(state.clone());
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(data.clone())
            .configure(routes::configure)
            .default_service(web::to(routes::not_found))
            .wrap(middleware::from_fn(http::answer::layer))
    })
    .disable_signals()
    .shutdown_timeout(STOP_TIMEOUT_S)
    .keep_alive(KEEP_ALIVE)
    .bind(address)?;
    let address = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), address))
}
