//! The real backend, as a process of its own, with channels made beforehand and no nginx beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use sluice_backend::media_server;
use sluice_config::{Config, ExposeSecret};
use sluice_store::Store;
use sluice_testkit::ports::Ports;
use sluice_testkit::process::{Child, Launch};
use sluice_testkit::wait::wait_here;
use tempfile::TempDir;

use crate::bare;
use crate::client::{self, Connection};
use crate::cores::SERVER_PREFIX;
use crate::seed::{self, Channel};

const BARE: &str = "bare";

/// A running backend. Killed when dropped.
pub(crate) struct Backend {
    pub(crate) config: Config,
    pub(crate) channels: Vec<Channel>,
    pub(crate) child: Child,
    pub(crate) dir: TempDir,
    ports: Ports,
}

impl Backend {
    /// With `channels` channels, on SQLite and default settings, on the server's core.
    pub(crate) async fn start(channels: usize) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let ports = Ports::take();
        let env = settings(&dir, &ports);
        let config = Config::from_vars(env.clone()).expect("usable settings");
        fs::create_dir_all(&config.data_dir).expect("a directory");
        let store = Store::connect(config.database_url.expose_secret())
            .await
            .expect("a database");
        let channels = seed::channels(&store, channels).await;
        store.close().await;
        // The bare server reads a database of its own, so that it never waits for the backend's writes.
        fs::create_dir(dir.path().join(BARE)).expect("a directory");
        let database = config.data_dir.join("sluice.db");
        fs::copy(database, dir.path().join(BARE).join(bare::DATABASE)).expect("a copy");
        let [program, rest @ ..] = SERVER_PREFIX;
        let launch = Launch::new(program, dir.path().join("backend.log"))
            .args(rest)
            .args([env!("CARGO_BIN_EXE_sluice-backend")])
            .env(&env);
        let mut child = launch.start();
        wait_here(Duration::from_secs(60), "the backend answers", || {
            assert!(child.is_running(), "the backend ended: {}", child.log());
            std::net::TcpStream::connect(("127.0.0.1", config.backend_port)).ok()
        });
        Self {
            config,
            channels,
            child,
            dir,
            ports,
        }
    }

    /// nginx in front of it, with the site's own configuration, on the server's core as well.
    pub(crate) fn front(&self) -> Child {
        let main = media_server::config::write(&self.config).expect("the configuration can be written");
        let [program, rest @ ..] = SERVER_PREFIX;
        let launch = Launch::new(program, self.dir.path().join("nginx.log"))
            .args(rest)
            .args(["nginx", "-e", "stderr", "-c"])
            .args([main]);
        let front = launch.start();
        wait_here(Duration::from_secs(20), "the site answers", || {
            std::net::TcpStream::connect(("127.0.0.1", self.config.http_port)).ok()
        });
        front
    }

    /// Where it serves.
    pub(crate) fn port(&self) -> u16 {
        self.config.backend_port
    }

    /// A port for somebody beside it.
    pub(crate) fn other_port(&self) -> u16 {
        self.ports.get(4)
    }

    /// A port for somebody else.
    pub(crate) fn spare_port(&self) -> u16 {
        self.ports.get(5)
    }

    /// Where the bare server beside it finds its database, and its playlists once they are put there.
    pub(crate) fn bare_dir(&self) -> PathBuf {
        self.dir.path().join(BARE)
    }

    /// Goes live on a channel and returns the session's id.
    pub(crate) fn publish(&self, channel: usize, client_id: usize) -> String {
        let request = client::post(
            "/hooks/publish",
            &form("publish", client_id, &self.channels[channel].key),
        );
        let answer = Connection::open(self.port()).ask(&request);
        answer.location.unwrap_or_else(|| panic!("refused: {}", answer.status))
    }

    /// What the kernel says of the process's memory, in megabytes: now, and at its highest.
    pub(crate) fn memory_mb(&self) -> (f64, f64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the backend runs");
        let field = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .expect("a field");
            let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
            kilobytes / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }
}

/// A hook's form, with everything that nginx-rtmp sends.
pub(crate) fn form(call: &str, client_id: usize, name: &str) -> String {
    format!(
        "app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27&swfurl=&tcurl=rtmp://127.0.0.1:1935/live&pageurl=\
         &addr=127.0.0.1&clientid={client_id}&call={call}&name={name}&type=live"
    )
}

fn settings(dir: &TempDir, ports: &Ports) -> BTreeMap<String, String> {
    let below = |name: &str| dir.path().join(name).display().to_string();
    BTreeMap::from([
        (
            "JWT_SECRET".to_owned(),
            "bench-0123456789abcdef0123456789abcdef".to_owned(),
        ),
        ("HTTP_PORT".to_owned(), ports.get(0).to_string()),
        ("RTMP_PORT".to_owned(), ports.get(1).to_string()),
        ("SEGMENTER_PORT".to_owned(), ports.get(2).to_string()),
        ("BACKEND_PORT".to_owned(), ports.get(3).to_string()),
        ("DATA_DIR".to_owned(), below("data")),
        ("LOG_DIR".to_owned(), below("logs")),
    ])
}
