use serde_json::json;
use sluice_testkit::App;
use sluice_testkit::api::PASSWORD;

use crate::mailbox::{nth_in_outbox, outbox, token};

const NEW: &str = "an even better password";

#[tokio::test]
async fn changing_the_password_ends_every_other_login() {
    let app = App::start().await;
    let here = app.api().signed_up("ada").await;
    let elsewhere = app.api().logged_in("ada@example.org", PASSWORD).await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    here.post("/api/v1/me/password", change).await.is(204);
    here.get("/api/v1/me").await.is(200);
    elsewhere.get("/api/v1/me").await.is(401);
    app.api().logged_in("ada@example.org", NEW).await;
    let old = json!({"email": "ada@example.org", "password": PASSWORD});
    app.api().post("/api/v1/login", old).await.is(401);
    let notice = nth_in_outbox(&app, "ada@example.org", 1).await;
    assert!(notice.contains("Your password was changed"), "{notice}");
}

#[tokio::test]
async fn a_password_is_changed_only_by_who_knows_it() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let wrong = json!({"current_password": "not the password", "new_password": NEW});
    assert_eq!(
        ada.post("/api/v1/me/password", wrong).await.is(422).problem().fields,
        ["current_password"]
    );
    let short = json!({"current_password": PASSWORD, "new_password": "short"});
    assert_eq!(
        ada.post("/api/v1/me/password", short).await.is(422).problem().fields,
        ["new_password"]
    );
    app.api().logged_in("ada@example.org", PASSWORD).await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_way_of_mail() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    app.api()
        .post("/api/v1/password-reset", json!({"email": "ADA@example.org"}))
        .await
        .is(202);
    let mail = nth_in_outbox(&app, "ada@example.org", 1).await;
    let link = format!("http://localhost:{}/reset?token=", app.config().http_port);
    assert!(mail.contains(&link), "{mail}");
    let confirmation = json!({"token": token(&mail), "password": NEW});
    app.api()
        .post("/api/v1/password-reset/confirm", confirmation.clone())
        .await
        .is(204);
    ada.get("/api/v1/me").await.is(401);
    app.api().logged_in("ada@example.org", NEW).await;
    let again = app
        .api()
        .post("/api/v1/password-reset/confirm", confirmation)
        .await
        .is(400);
    assert_eq!(again.problem().code, "invalid_token");
}

#[tokio::test]
async fn a_new_password_makes_older_reset_links_worthless() {
    let app = App::start().await;
    app.api().signed_up("ada").await;
    for n in 1..=2 {
        app.api()
            .post("/api/v1/password-reset", json!({"email": "ada@example.org"}))
            .await
            .is(202);
        nth_in_outbox(&app, "ada@example.org", n).await;
    }
    let tokens: Vec<String> = outbox(&app, "ada@example.org").iter().map(|mail| token(mail)).collect();
    let confirm = |token: &str| json!({"token": token, "password": NEW});
    app.api()
        .post("/api/v1/password-reset/confirm", confirm(&tokens[0]))
        .await
        .is(204);
    app.api()
        .post("/api/v1/password-reset/confirm", confirm(&tokens[1]))
        .await
        .is(400);
}

#[tokio::test]
async fn asking_for_a_reset_does_not_tell_who_has_an_account() {
    let app = App::start().await;
    app.api().signed_up("ada").await;
    let known = app
        .api()
        .post("/api/v1/password-reset", json!({"email": "ada@example.org"}))
        .await
        .is(202);
    let unknown = app
        .api()
        .post("/api/v1/password-reset", json!({"email": "bob@example.org"}))
        .await
        .is(202);
    assert_eq!(known.text, unknown.text);
    nth_in_outbox(&app, "ada@example.org", 1).await;
    assert!(outbox(&app, "bob@example.org").is_empty());
}

#[tokio::test]
async fn a_link_in_a_mail_leads_where_the_operator_says_and_never_where_a_request_says() {
    let app = App::start_with([("PUBLIC_URL", "https://live.example.org")]).await;
    app.api().signed_up("ada").await;
    let request = app.api().request(reqwest::Method::POST, "/api/v1/password-reset");
    let request = request
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example");
    let answer = request.json(&json!({"email": "ada@example.org"})).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let mail = nth_in_outbox(&app, "ada@example.org", 1).await;
    assert!(mail.contains("https://live.example.org/reset?token="), "{mail}");
    assert!(!mail.contains("evil"), "{mail}");
}

#[tokio::test]
async fn tokens_that_were_never_mailed_are_worth_nothing() {
    let app = App::start().await;
    for bad in ["", "x", "../../etc/passwd", &"a".repeat(43), &"a".repeat(10_000)] {
        let confirmation = json!({"token": bad, "password": NEW});
        let refused = app
            .api()
            .post("/api/v1/password-reset/confirm", confirmation)
            .await
            .is(400);
        assert_eq!(refused.problem().code, "invalid_token");
        let refused = app
            .api()
            .post("/api/v1/accounts/activate", json!({"token": bad}))
            .await
            .is(400);
        assert_eq!(refused.problem().code, "invalid_token");
    }
}

#[tokio::test]
async fn a_bad_new_password_does_not_use_the_link_up() {
    let app = App::start().await;
    app.api().signed_up("ada").await;
    app.api()
        .post("/api/v1/password-reset", json!({"email": "ada@example.org"}))
        .await
        .is(202);
    let token = token(&nth_in_outbox(&app, "ada@example.org", 1).await);
    let short = json!({"token": token, "password": "short"});
    app.api().post("/api/v1/password-reset/confirm", short).await.is(422);
    let good = json!({"token": token, "password": NEW});
    app.api().post("/api/v1/password-reset/confirm", good).await.is(204);
}
