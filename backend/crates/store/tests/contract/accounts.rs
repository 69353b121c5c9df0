use rstest::rstest;
use sluice_domain::{Millis, Role};
use sluice_store::Error;
use sluice_store::accounts::{Account, New};
use sluice_testkit::databases::Engine::{self, MariaDb, Postgres, Sqlite};

use crate::world::{NOW, World, account};

#[rstest]
#[tokio::test]
async fn an_account_is_read_back_as_it_was_made(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let new = New {
        email: "Ann@Example.org".to_owned(),
        display_name: "Änn 🎛".to_owned(),
        role: Role::Administrator,
        activated_at: Some(Millis(i64::MAX)),
        ..account("ann")
    };
    world.accounts().create(&new).await.unwrap();
    let expected = Account {
        id: "ann".to_owned(),
        email: "ann@example.org".to_owned(),
        display_name: "Änn 🎛".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: Role::Administrator,
        activated_at: Some(Millis(i64::MAX)),
        suspended_at: None,
        created_at: NOW,
    };
    assert_eq!(world.accounts().by_id("ann").await.unwrap().as_ref(), Some(&expected));
    assert_eq!(
        world.accounts().by_email("ANN@example.ORG").await.unwrap(),
        Some(expected)
    );
    assert_eq!(world.accounts().by_id("bob").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn an_address_has_one_account_whatever_its_case(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    let again = New {
        email: "ANN@example.org".to_owned(),
        ..account("bob")
    };
    let refused = world.accounts().create(&again).await;
    assert!(matches!(refused, Err(Error::Conflict)), "{refused:?}");
    assert_eq!(world.accounts().by_id("bob").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn an_address_raced_for_goes_to_one(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let made = world
        .race(|store, number| async move {
            let new = New {
                id: format!("racer-{number}"),
                ..account("ann")
            };
            store.accounts().create(&new).await
        })
        .await;
    let conflicts = made.iter().filter(|made| matches!(made, Err(Error::Conflict))).count();
    assert_eq!(
        (made.iter().filter(|made| made.is_ok()).count(), conflicts),
        (1, 7),
        "{made:?}"
    );
}

#[rstest]
#[tokio::test]
async fn what_changes_on_an_account_is_what_was_asked(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let accounts = world.accounts();
    accounts.create(&account("ann")).await.unwrap();
    accounts.create(&account("bob")).await.unwrap();
    let bob = accounts.by_id("bob").await.unwrap();

    assert!(accounts.set_display_name("ann", "Ann B.").await.unwrap());
    assert!(accounts.set_password("ann", "other").await.unwrap());
    assert!(accounts.set_role("ann", Role::Administrator).await.unwrap());
    assert!(accounts.activate("ann", Millis(5)).await.unwrap());
    assert!(accounts.suspend("ann", Millis(7)).await.unwrap());
    let ann = accounts.by_id("ann").await.unwrap().unwrap();
    assert_eq!(
        (ann.display_name.as_str(), ann.password_hash.as_str()),
        ("Ann B.", "other")
    );
    assert_eq!((ann.role, ann.activated_at), (Role::Administrator, Some(Millis(5))));
    assert_eq!(ann.suspended_at, Some(Millis(7)));

    assert!(accounts.unsuspend("ann").await.unwrap());
    assert_eq!(accounts.by_id("ann").await.unwrap().unwrap().suspended_at, None);
    assert_eq!(accounts.by_id("bob").await.unwrap(), bob);
    assert!(!accounts.set_role("nobody", Role::Viewer).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn the_first_activation_and_the_first_suspension_count(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    for time in [Millis(5), Millis(6)] {
        assert!(world.accounts().activate("ann", time).await.unwrap());
        assert!(world.accounts().suspend("ann", time).await.unwrap());
    }
    let ann = world.accounts().by_id("ann").await.unwrap().unwrap();
    assert_eq!((ann.activated_at, ann.suspended_at), (Some(Millis(5)), Some(Millis(5))));
}

#[rstest]
#[tokio::test]
async fn roles_are_counted(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    assert_eq!(world.accounts().count_by_role(Role::Administrator).await.unwrap(), 0);
    for (id, role) in [
        ("a", Role::Administrator),
        ("b", Role::Viewer),
        ("c", Role::Administrator),
    ] {
        world.accounts().create(&New { role, ..account(id) }).await.unwrap();
    }
    assert_eq!(world.accounts().count_by_role(Role::Administrator).await.unwrap(), 2);
}

#[rstest]
#[tokio::test]
async fn a_search_finds_names_and_addresses_whatever_their_case(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    let accounts = world.accounts();
    for (id, display_name) in [("ann", "ÜBER Ann"), ("bob", "50% Bob"), ("cyd", "Cyd_C")] {
        let display_name = display_name.to_owned();
        accounts
            .create(&New {
                display_name,
                ..account(id)
            })
            .await
            .unwrap();
    }
    accounts.set_display_name("cyd", "Zoë").await.unwrap();
    for (query, expected) in [
        ("über", vec!["ann"]),
        ("BOB@EXAMPLE", vec!["bob"]),
        ("ZOË", vec!["cyd"]),
        ("cyd_c", vec![]),
        ("%", vec!["bob"]),
        ("_", vec![]),
        ("' OR 1=1 --", vec![]),
        ("example.org", vec!["cyd", "bob", "ann"]),
    ] {
        let page = accounts.list(Some(query), None, 10).await.unwrap();
        let found: Vec<_> = page.items.iter().map(|account| account.id.as_str()).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[rstest]
#[tokio::test]
async fn pages_stay_true_while_accounts_are_made(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    for number in 10..17 {
        world.accounts().create(&account(&format!("a{number}"))).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    for newcomer in 17..30 {
        let page = world.accounts().list(None, cursor.as_deref(), 3).await.unwrap();
        seen.extend(page.items.into_iter().map(|account| account.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
        world
            .accounts()
            .create(&account(&format!("a{newcomer}")))
            .await
            .unwrap();
    }
    assert_eq!(seen, ["a16", "a15", "a14", "a13", "a12", "a11", "a10"]);
}

#[rstest]
#[tokio::test]
async fn a_page_that_holds_all_has_no_cursor(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    for id in ["a", "b", "c"] {
        world.accounts().create(&account(id)).await.unwrap();
    }
    assert_eq!(world.accounts().list(None, None, 3).await.unwrap().next_cursor, None);
    let two = world.accounts().list(None, None, 2).await.unwrap();
    assert_eq!((two.items.len(), two.next_cursor.as_deref()), (2, Some("b")));
}

#[rstest]
#[tokio::test]
async fn odd_text_finds_nothing_and_breaks_nothing(#[values(Sqlite, Postgres, MariaDb)] engine: Engine) {
    let world = World::empty(engine).await;
    world.accounts().create(&account("ann")).await.unwrap();
    for odd in ["", "ann\0", "über", "' OR ''='", "\\", "🎛", &"x".repeat(10_000)] {
        assert_eq!(world.accounts().by_id(odd).await.unwrap(), None, "{odd}");
        assert_eq!(world.accounts().by_email(odd).await.unwrap(), None, "{odd}");
        world.accounts().list(Some(odd), Some(odd), 3).await.unwrap();
    }
}
