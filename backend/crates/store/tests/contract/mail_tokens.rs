use rstest::rstest;
use sluice_domain::Millis;
use sluice_store::mail_tokens::Purpose::{Activation, PasswordReset};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World, account};

const LATER: Millis = Millis(NOW.0 + 60_000);

async fn world(engine: Engine) -> World {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    world
        .mail_tokens()
        .create("hash", "ann", Activation, LATER)
        .await
        .unwrap();
    world
}

#[rstest]
#[tokio::test]
async fn a_token_is_taken_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    let first = world.mail_tokens().take("hash", Activation, NOW).await.unwrap();
    assert_eq!(first.as_deref(), Some("ann"));
    assert_eq!(world.mail_tokens().take("hash", Activation, NOW).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_token_raced_for_is_taken_once(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    let taken = world
        .race(|store, _| async move { store.mail_tokens().take("hash", Activation, NOW).await.unwrap() })
        .await;
    assert_eq!(taken.iter().flatten().count(), 1, "{taken:?}");
}

#[rstest]
#[tokio::test]
async fn a_token_is_good_for_its_purpose_and_its_time_only(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    assert_eq!(
        world.mail_tokens().take("hash", PasswordReset, NOW).await.unwrap(),
        None
    );
    assert_eq!(world.mail_tokens().take("hash", Activation, LATER).await.unwrap(), None);
    assert_eq!(world.mail_tokens().take("hush", Activation, NOW).await.unwrap(), None);
    // None of that used it up.
    assert!(
        world
            .mail_tokens()
            .take("hash", Activation, NOW)
            .await
            .unwrap()
            .is_some()
    );
}

#[rstest]
#[tokio::test]
async fn only_expired_tokens_are_purged(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    world
        .mail_tokens()
        .create("old", "ann", PasswordReset, NOW)
        .await
        .unwrap();
    assert_eq!(world.mail_tokens().purge(NOW).await.unwrap(), 1);
    assert!(
        world
            .mail_tokens()
            .take("hash", Activation, NOW)
            .await
            .unwrap()
            .is_some()
    );
}

#[rstest]
#[tokio::test]
async fn tokens_for_one_purpose_go_together_and_leave_the_others(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    for hash in ["one", "two"] {
        world
            .mail_tokens()
            .create(hash, "ann", PasswordReset, LATER)
            .await
            .unwrap();
    }
    world
        .mail_tokens()
        .delete_of_account("ann", PasswordReset)
        .await
        .unwrap();
    for hash in ["one", "two"] {
        assert_eq!(world.mail_tokens().take(hash, PasswordReset, NOW).await.unwrap(), None);
    }
    let other = world.mail_tokens().take("hash", Activation, NOW).await.unwrap();
    assert_eq!(other.as_deref(), Some("ann"));
}
