use serde_json::json;
use sluice_testkit::App;
use sluice_testkit::api::PASSWORD;

fn sign_up(email: &str) -> serde_json::Value {
    json!({"email": email, "password": PASSWORD, "display_name": "Ada"})
}

#[tokio::test]
async fn whoever_signs_up_can_log_in_and_read_their_own_account() {
    let app = App::start().await;
    let made = app
        .api()
        .post("/api/v1/accounts", sign_up("ada@example.org"))
        .await
        .is(201)
        .json();
    let ada = app.api().logged_in("ada@example.org", PASSWORD).await;
    let me = ada.get("/api/v1/me").await.is(200).json();
    assert_eq!(made, me);
    assert_eq!(me["email"], "ada@example.org");
    assert_eq!(me["display_name"], "Ada");
    assert_eq!(me["role"], "streamer");
    assert_eq!(me["activated"], true);
    assert_eq!(me["suspended"], false);
    assert!(me["created_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn an_account_never_shows_its_password_in_any_form() {
    let app = App::start().await;
    let made = app
        .api()
        .post("/api/v1/accounts", sign_up("ada@example.org"))
        .await
        .is(201);
    let me = app
        .api()
        .logged_in("ada@example.org", PASSWORD)
        .await
        .get("/api/v1/me")
        .await;
    for text in [made.text, me.text] {
        assert!(!text.contains("argon2") && !text.contains(PASSWORD), "{text}");
    }
}

#[tokio::test]
async fn an_email_address_has_one_account_however_it_is_written() {
    let app = App::start().await;
    app.api()
        .post("/api/v1/accounts", sign_up("ada@example.org"))
        .await
        .is(201);
    let again = app
        .api()
        .post("/api/v1/accounts", sign_up("  ADA@Example.ORG "))
        .await
        .is(409);
    assert_eq!(again.problem().code, "email_taken");
    app.api().logged_in("Ada@EXAMPLE.org", PASSWORD).await;
}

#[tokio::test]
async fn two_sign_ups_at_once_with_one_address_make_one_account() {
    let app = App::start().await;
    let api = app.api();
    let tries = (0..4).map(|_| api.post("/api/v1/accounts", sign_up("ada@example.org")));
    let answers = futures_util::future::join_all(tries).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test]
async fn every_bad_field_of_a_sign_up_is_named_at_once() {
    let app = App::start().await;
    let bad = json!({"email": "ada", "password": "short", "display_name": " \t "});
    let problem = app.api().post("/api/v1/accounts", bad).await.is(422).problem();
    assert_eq!(problem.code, "validation_failed");
    assert_eq!(problem.fields, ["email", "password", "display_name"]);
}

#[tokio::test]
async fn what_a_new_account_may_do_is_the_operators_choice() {
    let app = App::start_with([("SIGNUP_ROLE", "viewer")]).await;
    let site = app.api().get("/api/v1/site").await.is(200).json();
    assert_eq!(
        (&site["signup_role"], &site["activation_required"]),
        (&json!("viewer"), &json!(false))
    );
    assert!(
        site["ingest"]["rtmp"].as_str().unwrap().ends_with(":1935/live"),
        "{site}"
    );
    let viewer = app.api().signed_up("vera").await;
    assert_eq!(viewer.get("/api/v1/me").await.json()["role"], "viewer");
    let channel = json!({"slug": "stage", "title": "Stage"});
    let refused = viewer.post("/api/v1/channels", channel).await.is(403);
    assert_eq!(refused.problem().code, "streamer_role_required");
}

#[tokio::test]
async fn a_role_cannot_be_taken_by_asking_for_it() {
    let app = App::start().await;
    let mut wish = sign_up("ada@example.org");
    wish["role"] = json!("administrator");
    wish["activated"] = json!(true);
    assert_eq!(
        app.api().post("/api/v1/accounts", wish).await.is(201).json()["role"],
        "streamer"
    );
    let ada = app.api().logged_in("ada@example.org", PASSWORD).await;
    let patch = json!({"role": "administrator", "email": "root@example.org", "display_name": " Ada L. "});
    let me = ada.patch("/api/v1/me", patch).await.is(200).json();
    assert_eq!(me["role"], "streamer");
    assert_eq!(me["email"], "ada@example.org");
    assert_eq!(me["display_name"], "Ada L.");
    assert_eq!(ada.get("/api/v1/me").await.json(), me);
}

#[tokio::test]
async fn a_name_with_control_or_direction_characters_is_refused() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    for name in ["a\u{0}b", "a\nb", "\u{202e}nimda", "", &"x".repeat(61)] {
        let refused = ada.patch("/api/v1/me", json!({"display_name": name})).await.is(422);
        assert_eq!(refused.problem().fields, ["display_name"], "{name:?}");
    }
    let long = "ü".repeat(60);
    let me = ada
        .patch("/api/v1/me", json!({"display_name": long}))
        .await
        .is(200)
        .json();
    assert_eq!(me["display_name"], long);
}

#[tokio::test]
async fn the_first_start_makes_one_administrator_and_the_second_none() {
    let dir = tempfile::tempdir().unwrap();
    let env = [(
        "DATABASE_URL",
        format!("sqlite://{}", dir.path().join("kept.db").display()),
    )];
    let first = App::start_with(env.clone()).await;
    assert_eq!(
        first
            .state()
            .store
            .accounts()
            .list(None, None, 10)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    let (email, password) = first.first_administrator().expect("made at the first start");
    let root = first.api().logged_in(email, password).await;
    assert_eq!(root.get("/api/v1/me").await.json()["role"], "administrator");
    drop(first);
    let second = App::start_with(env).await;
    assert!(second.first_administrator().is_none());
    assert_eq!(
        second
            .state()
            .store
            .accounts()
            .list(None, None, 10)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}
