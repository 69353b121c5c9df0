use std::error::Error as _;

use rstest::rstest;
use sluice_store::{Error, Store};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{World, account};

#[rstest]
#[tokio::test]
async fn a_second_start_keeps_all_data(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    world.close().await;
    let again = world.other_process().await;
    again.ping().await.unwrap();
    assert!(again.accounts().by_id("ann").await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn processes_that_start_together_migrate_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let database = engine.database();
    let starts: tokio::task::JoinSet<_> = (0..4)
        .map(|_| {
            let url = database.url.clone();
            async move { Store::connect(&url).await.map(drop) }
        })
        .collect();
    for start in starts.join_all().await {
        start.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn a_store_says_nothing_of_its_address(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let shown = format!("{:?}", *world);
    assert!(
        !shown.contains("sluice.db") && !shown.contains("localhost") && !shown.contains("socket"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_address_of_no_known_kind_is_refused_with_a_sentence() {
    for (url, word) in [
        ("oracle://db", "must begin with sqlite://"),
        ("", "must begin with sqlite://"),
        ("sqlite::memory:", "must be a file"),
    ] {
        let refused = Store::connect(url).await.unwrap_err();
        assert!(matches!(refused, Error::Address(_)), "{refused:?}");
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

#[rstest]
#[case("postgres://sluice:hush@127.0.0.1:1/sluice")]
#[case("mysql://sluice:hush@127.0.0.1:1/sluice")]
#[case("sqlite:///nowhere/at/all/sluice.db")]
#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable_and_no_secret_is_told(#[case] url: &str) {
    let refused = Store::connect(url).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
    assert_eq!(refused.to_string(), "the database is not available");
    let all = format!("{refused:?} {}", refused.source().unwrap());
    assert!(!all.contains("hush"), "{all}");
}
