//! Databases that go away under a running store, and come back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rstest::rstest;
use sluice_store::{Error, Store};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres};
use sluice_testkit::{databases::Database, wait_for};
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use crate::world::{World, account};

/// A gate in front of a server's socket, that can be shut.
struct Gate {
    dir: TempDir,
    server: PathBuf,
    opened: Option<JoinSet<()>>,
}

impl Gate {
    fn open(database: &Database) -> Self {
        let server = database.socket.clone().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut gate = Self {
            dir,
            server,
            opened: None,
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
        let mut opened = JoinSet::new();
        opened.spawn(async move {
            let mut through = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                through.spawn(pass(client, server.clone()));
            }
        });
        self.opened = Some(opened);
    }

    /// Cuts every connection and lets no new one in.
    async fn shut(&mut self) {
        self.opened.take().unwrap().shutdown().await;
        std::fs::remove_file(self.path()).unwrap();
    }
}

async fn pass(mut client: UnixStream, server: impl AsRef<Path>) {
    let mut server = UnixStream::connect(server).await.unwrap();
    // Either side may hang up in the middle.
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
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
    let bound = Duration::from_secs(30);
    let ann = wait_for(bound, "the store finds its database again", async || {
        store.accounts().by_id("ann").await.ok()
    });
    assert!(ann.await.is_some());
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
    use sqlx::{Connection, SqliteConnection};
    let world = World::empty(Engine::Sqlite).await;
    let mut other = SqliteConnection::connect(&world.database.url).await.unwrap();
    let locked = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let refused = world.accounts().create(&account("ann")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(world.accounts().by_id("ann").await.unwrap(), None);
    locked.rollback().await.unwrap();
    world.accounts().create(&account("ann")).await.unwrap();
}
