//! Databases that go away under a running store, and come back.

use std::future::pending;
use std::path::PathBuf;
use std::time::Duration;

use rstest::rstest;
use sluice_store::{Error, Store};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres};
use sluice_testkit::{databases::Database, wait_for};
use sqlx::{Connection, MySqlConnection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::world::{World, account};

/// A gate in front of a server's socket, that can be shut or walled up.
struct Gate {
    dir: TempDir,
    server: PathBuf,
    opened: Option<JoinSet<()>>,
    walled_up: watch::Sender<bool>,
}

impl Gate {
    fn open(database: &Database) -> Self {
        let mut gate = Self {
            dir: tempfile::tempdir().unwrap(),
            server: database.socket.clone().unwrap(),
            opened: None,
            walled_up: watch::Sender::new(false),
        };
        gate.open_again();
        gate
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join(self.server.file_name().unwrap())
    }

    /// The database's address through the gate.
    fn url(&self, database: &Database) -> String {
        let server = self.server.parent().unwrap().to_str().unwrap();
        database.url.replace(server, self.dir.path().to_str().unwrap())
    }

    fn open_again(&mut self) {
        let listener = UnixListener::bind(self.path()).unwrap();
        let server = self.server.clone();
        let walled_up = self.walled_up.subscribe();
        let mut opened = JoinSet::new();
        opened.spawn(async move {
            let mut through = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                through.spawn(pass(client, server.clone(), walled_up.clone()));
            }
        });
        self.opened = Some(opened);
    }

    /// Cuts every connection and lets no new one in.
    async fn shut(&mut self) {
        self.opened.take().unwrap().shutdown().await;
        std::fs::remove_file(self.path()).unwrap();
    }

    /// Whether what is sent vanishes without a word, as behind a cable pulled out. Connections that met with it never
    /// come to life again.
    fn wall_up(&self, walled_up: bool) {
        self.walled_up.send(walled_up).unwrap();
    }
}

async fn pass(mut client: UnixStream, server: PathBuf, mut walled_up: watch::Receiver<bool>) {
    let mut server = UnixStream::connect(server).await.unwrap();
    let wall = async { drop(walled_up.wait_for(|walled_up| *walled_up).await) };
    tokio::select! {
        biased;
        () = wall => pending().await,
        // Either side may hang up in the middle.
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
    }
}

async fn ping(store: Store) -> Result<(), Error> {
    store.ping().await
}

/// The store answers again, without being opened again.
async fn finds_it_again(store: &Store) {
    let bound = Duration::from_secs(60);
    let ann = wait_for(bound, "the store finds its database again", async || {
        store.accounts().by_id("ann").await.ok()
    });
    assert!(ann.await.is_some());
}

#[rstest]
#[tokio::test]
async fn a_server_that_goes_away_is_unavailable_until_it_is_back(#[values(Postgres, MariaDb)] engine: Engine) {
    let database = engine.database();
    let mut gate = Gate::open(&database);
    let store = Store::connect(&gate.url(&database)).await.unwrap();
    store.accounts().create(&account("ann")).await.unwrap();

    gate.shut().await;
    // The first finds a dead connection, the second that no new one is to be had.
    for _ in 0..2 {
        let away = store.accounts().by_id("ann").await;
        assert!(matches!(away, Err(Error::Unavailable(_))), "{away:?}");
        assert!(matches!(store.ping().await, Err(Error::Unavailable(_))));
    }

    gate.open_again();
    finds_it_again(&store).await;
}

#[rstest]
#[tokio::test]
async fn a_server_whose_packets_vanish_is_unavailable_within_a_bound(#[values(Postgres, MariaDb)] engine: Engine) {
    let database = engine.database();
    let gate = Gate::open(&database);
    let store = Store::connect(&gate.url(&database)).await.unwrap();
    store.accounts().create(&account("ann")).await.unwrap();

    gate.wall_up(true);
    // More than the store has connections.
    let pings: JoinSet<_> = (0..20).map(|_| ping(store.clone())).collect();
    for away in timeout(Duration::from_secs(60), pings.join_all())
        .await
        .expect("answers")
    {
        assert!(matches!(away, Err(Error::Unavailable(_))), "{away:?}");
    }

    gate.wall_up(false);
    finds_it_again(&store).await;
}

#[rstest]
#[tokio::test]
async fn a_statement_that_gets_no_answer_is_unavailable_within_a_bound(#[values(Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    let lock = "SELECT id FROM accounts FOR UPDATE";
    // Somebody at a console locks a row and goes for lunch.
    match engine {
        Postgres => {
            let mut console = PgConnection::connect(&world.database.url).await.unwrap();
            let mut lunch = console.begin().await.unwrap();
            sqlx::query(lock).execute(&mut *lunch).await.unwrap();
            nobody_is_renamed(&world).await;
        }
        _ => {
            let mut console = MySqlConnection::connect(&world.database.url).await.unwrap();
            let mut lunch = console.begin().await.unwrap();
            sqlx::query(lock).execute(&mut *lunch).await.unwrap();
            nobody_is_renamed(&world).await;
        }
    }
    finds_it_again(&world).await;
}

/// More than the store has connections wait for the lock, and none for ever.
async fn nobody_is_renamed(store: &Store) {
    let rename = |store: Store| async move { store.accounts().set_display_name("ann", "Bob").await };
    let renamed: JoinSet<_> = (0..20).map(|_| rename(store.clone())).collect();
    for away in timeout(Duration::from_secs(60), renamed.join_all())
        .await
        .expect("answers")
    {
        assert!(matches!(away, Err(Error::Unavailable(_))), "{away:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_closed_store_is_unavailable(#[values(Engine::Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.close().await;
    assert!(matches!(world.ping().await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_sqlite_file_locked_by_another_process_is_unavailable_to_writers_and_open_to_readers() {
    let world = World::empty(Engine::Sqlite).await;
    let mut other = SqliteConnection::connect(&world.database.url).await.unwrap();
    let locked = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let refused = world.accounts().create(&account("ann")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(world.accounts().by_id("ann").await.unwrap(), None);
    locked.rollback().await.unwrap();
    world.accounts().create(&account("ann")).await.unwrap();
}
