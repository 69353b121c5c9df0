//! Real databases to throw away.
//!
//! A test's process starts one server of each kind it asks for, on a unix socket in a directory of its own, and every
//! [`Engine::database`] is an empty database there. When the process ends, however it ends, the servers stop and their
//! directories go.

use std::{
    fs,
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;

use crate::wait::wait_here;

/// How long a server may take to answer first.
const START_BOUND: Duration = Duration::from_secs(60);

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// Debian's PostgreSQL.
    Postgres,
    /// Debian's MariaDB.
    MariaDb,
}

/// An empty database. Keep it for as long as it is used: a SQLite file goes with it.
#[derive(Debug)]
pub struct Database {
    /// Its address, as `DATABASE_URL` takes it.
    pub url: String,
    /// The server's unix socket; none for SQLite.
    pub socket: Option<PathBuf>,
    _dir: Option<TempDir>,
}

impl Engine {
    /// Makes an empty database, and starts the server for it if it is the first.
    ///
    /// # Panics
    /// When the server cannot be started; the message has the end of its log.
    pub fn database(self) -> Database {
        match self {
            Self::Sqlite => sqlite(),
            Self::Postgres => POSTGRES.database(start_postgres),
            Self::MariaDb => MARIADB.database(start_mariadb),
        }
    }
}

fn sqlite() -> Database {
    let dir = tempfile::tempdir().expect("a directory for a database");
    Database {
        url: format!("sqlite://{}/sluice.db", dir.path().display()),
        socket: None,
        _dir: Some(dir),
    }
}

static POSTGRES: Shared = Shared::new();
static MARIADB: Shared = Shared::new();

/// A server that is started when the first test asks for it.
struct Shared {
    server: Mutex<Option<Server>>,
    databases: AtomicU32,
}

impl Shared {
    const fn new() -> Self {
        Self {
            server: Mutex::new(None),
            databases: AtomicU32::new(0),
        }
    }

    fn database(&self, start: fn() -> Server) -> Database {
        let mut server = self.server.lock().expect("no other test failed to start the server");
        let server = server.get_or_insert_with(start);
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let sql = format!("CREATE DATABASE {name}");
        let made = (server.client)(&server.dir).arg(sql).output().expect("the client runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Database {
            url: (server.url)(&server.dir, &name),
            socket: Some(server.dir.join(server.socket)),
            _dir: None,
        }
    }
}

/// A running server.
struct Server {
    dir: PathBuf,
    socket: &'static str,
    /// Its command-line client, lacking only the SQL.
    client: fn(&Path) -> Command,
    url: fn(&Path, &str) -> String,
    /// Its standard input is closed by the kernel when this process ends, which is what it waits for.
    _supervisor: Child,
}

fn start_postgres() -> Server {
    let dir = directory("sluice-postgres-");
    let bin = postgres_bin();
    let data = dir.join("data");
    let mut become_user = Vec::new();
    if is_root() {
        // It refuses to run as root.
        run(Command::new("chown").arg("postgres").arg(&dir));
        become_user = vec!["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];
    }
    let as_user = |program: &str| {
        let mut words: Vec<String> = become_user.iter().map(|word| (*word).to_owned()).collect();
        words.push(bin.join(program).display().to_string());
        words
    };
    let mut init = as_user("initdb");
    init.extend(
        [
            "-U",
            "sluice",
            "-A",
            "trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-D",
        ]
        .map(str::to_owned),
    );
    run(command(&init).arg(&data).current_dir(&dir));
    let mut serve = as_user("postgres");
    serve.extend(
        [
            "-F",
            "-c",
            "autovacuum=off",
            "-c",
            "jit=off",
            "-c",
            "listen_addresses=",
            "-c",
            "max_connections=200",
            "-k",
        ]
        .map(str::to_owned),
    );
    serve.extend([dir.display().to_string(), "-D".to_owned(), data.display().to_string()]);
    let server = Server {
        socket: ".s.PGSQL.5432",
        client: |dir| {
            let mut psql = Command::new("psql");
            psql.args(["-X", "-q", "-U", "sluice", "-d", "postgres", "-h"])
                .arg(dir)
                .arg("-c");
            psql
        },
        url: |dir, name| format!("postgres://sluice@localhost/{name}?host={}", dir.display()),
        // QUIT: it stops at once and takes its children along.
        _supervisor: supervise(&dir, "QUIT", &serve),
        dir,
    };
    wait_until_it_answers(&server);
    server
}

fn start_mariadb() -> Server {
    let dir = directory("sluice-mariadb-");
    let data = format!("--datadir={}", dir.join("data").display());
    let mut user = vec!["--no-defaults".to_owned(), data];
    if is_root() {
        user.push("--user=root".to_owned());
    }
    let mut init = Command::new("mariadb-install-db");
    init.args(&user)
        .args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    run(init.current_dir(&dir));
    let mut serve = vec!["mariadbd".to_owned()];
    serve.extend(user);
    serve.extend(["--skip-networking", "--debug-no-sync"].map(str::to_owned));
    serve.extend(["--innodb-buffer-pool-size=32M", "--max-connections=200"].map(str::to_owned));
    serve.push(format!("--socket={}", dir.join("socket").display()));
    let server = Server {
        socket: "socket",
        client: |dir| {
            let mut mariadb = Command::new("mariadb");
            mariadb
                .args(["--no-defaults", "-u", "root", "-S"])
                .arg(dir.join("socket"))
                .arg("-e");
            mariadb
        },
        url: |dir, name| format!("mysql://root@localhost/{name}?socket={}", dir.join("socket").display()),
        _supervisor: supervise(&dir, "KILL", &serve),
        dir,
    };
    wait_until_it_answers(&server);
    server
}

/// Runs a server until its own standard input ends, then stops it and removes its directory.
const SUPERVISOR: &str = r#"
dir=$1 signal=$2
shift 2
"$@" >"$dir/log" 2>&1 </dev/null &
cat >/dev/null
kill -s "$signal" $!
wait
rm -rf "$dir"
"#;

/// Starts a server under a supervisor of its own process group, so that no Ctrl-C keeps it from its duty.
fn supervise(dir: &Path, signal: &str, serve: &[String]) -> Child {
    let mut supervisor = Command::new("sh");
    supervisor
        .args(["-c", SUPERVISOR, "sh"])
        .arg(dir)
        .arg(signal)
        .args(serve);
    supervisor.current_dir("/").process_group(0);
    supervisor
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    supervisor.spawn().expect("sh starts")
}

fn wait_until_it_answers(server: &Server) {
    let log = server.dir.join("log");
    wait_here(
        START_BOUND,
        &format!("a database server answers; its log is {}", log.display()),
        || {
            let answer = (server.client)(&server.dir)
                .arg("SELECT 1")
                .output()
                .expect("the client runs");
            answer.status.success().then_some(())
        },
    );
}

/// A directory that its supervisor removes.
fn directory(prefix: &str) -> PathBuf {
    tempfile::Builder::new()
        .prefix(prefix)
        .tempdir()
        .expect("a directory for a database server")
        .keep()
}

/// Debian keeps the server's programs out of the path, by version.
fn postgres_bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path().join("bin")).max();
    newest.expect("PostgreSQL is installed (apt-get install postgresql)")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
}

fn command(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if !output.status.success() {
        std::io::stderr().write_all(&output.stdout).expect("stderr takes it");
        panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
