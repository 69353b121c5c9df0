use rstest::rstest;
use sluice_domain::Millis;
use sluice_store::Error;
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World, account};

const HOUR: Millis = Millis::from_secs(3600);

async fn world(engine: Engine) -> World {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    world.accounts().create(&account("bob")).await.unwrap();
    for (login, account) in [("desk", "ann"), ("phone", "ann"), ("other", "bob")] {
        world
            .logins()
            .create(login, account, NOW, NOW.plus(HOUR))
            .await
            .unwrap();
    }
    world
}

async fn holder(world: &World, login: &str, now: Millis) -> Option<String> {
    world
        .logins()
        .account(login, now)
        .await
        .unwrap()
        .map(|account| account.id)
}

#[rstest]
#[tokio::test]
async fn a_login_leads_to_its_account_until_it_expires(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    assert_eq!(holder(&world, "desk", NOW).await.as_deref(), Some("ann"));
    assert_eq!(holder(&world, "other", NOW).await.as_deref(), Some("bob"));
    assert_eq!(holder(&world, "desk", NOW.plus(HOUR)).await, None);
    assert_eq!(holder(&world, "nobody's", NOW).await, None);
}

#[rstest]
#[tokio::test]
async fn a_login_that_ended_leads_nowhere(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    assert!(world.logins().delete("desk").await.unwrap());
    assert!(!world.logins().delete("desk").await.unwrap());
    assert_eq!(holder(&world, "desk", NOW).await, None);
    assert_eq!(holder(&world, "phone", NOW).await.as_deref(), Some("ann"));
}

#[rstest]
#[tokio::test]
async fn all_logins_of_an_account_end_but_the_one_excepted(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    world.logins().delete_of_account("ann", Some("phone")).await.unwrap();
    assert_eq!(holder(&world, "desk", NOW).await, None);
    assert!(holder(&world, "phone", NOW).await.is_some());
    world.logins().delete_of_account("ann", None).await.unwrap();
    assert_eq!(holder(&world, "phone", NOW).await, None);
    assert!(holder(&world, "other", NOW).await.is_some());
}

#[rstest]
#[tokio::test]
async fn a_suspended_account_is_still_named_by_its_login(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    world.accounts().suspend("ann", NOW).await.unwrap();
    let ann = world.logins().account("desk", NOW).await.unwrap().unwrap();
    assert_eq!(ann.suspended_at, Some(NOW));
}

#[rstest]
#[tokio::test]
async fn only_expired_logins_are_purged(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    world
        .logins()
        .create("late", "ann", NOW, NOW.plus(HOUR).plus(HOUR))
        .await
        .unwrap();
    assert_eq!(world.logins().purge(NOW).await.unwrap(), 0);
    assert_eq!(world.logins().purge(NOW.plus(HOUR)).await.unwrap(), 3);
    assert!(holder(&world, "late", NOW).await.is_some());
}

#[rstest]
#[tokio::test]
async fn nobody_logs_in_to_an_account_that_is_not_there(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = world(engine).await;
    let refused = world.logins().create("ghost", "nobody", NOW, NOW).await;
    assert!(matches!(refused, Err(Error::Missing)), "{refused:?}");
}
