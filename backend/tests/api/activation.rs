use serde_json::{Value, json};
use sluice_testkit::App;
use sluice_testkit::api::PASSWORD;

use crate::mailbox::{MailServer, token};

async fn with_mail() -> (App, MailServer) {
    let mail = MailServer::start().await;
    (App::start_with([("SMTP_URL", mail.url())]).await, mail)
}

fn ada() -> Value {
    json!({"email": "ada@example.org", "password": PASSWORD, "display_name": "Ada"})
}

fn login() -> Value {
    json!({"email": "ada@example.org", "password": PASSWORD})
}

#[tokio::test]
async fn where_mail_is_sent_an_account_waits_until_its_address_is_confirmed() {
    let (app, mail) = with_mail().await;
    assert_eq!(app.api().get("/api/v1/site").await.json()["activation_required"], true);
    let account = app.api().post("/api/v1/accounts", ada()).await.is(201).json();
    assert_eq!(account["activated"], false);
    assert_eq!(
        app.api().post("/api/v1/login", login()).await.is(403).problem().code,
        "activation_required"
    );
    let token = token(&mail.nth("ada@example.org", 1).await);
    let account = app
        .api()
        .post("/api/v1/accounts/activate", json!({"token": token}))
        .await
        .is(200)
        .json();
    assert_eq!(account["activated"], true);
    app.api().post("/api/v1/login", login()).await.is(200);
}

#[tokio::test]
async fn an_activation_link_works_once() {
    let (app, mail) = with_mail().await;
    app.api().post("/api/v1/accounts", ada()).await.is(201);
    let token = token(&mail.nth("ada@example.org", 1).await);
    app.api()
        .post("/api/v1/accounts/activate", json!({"token": token}))
        .await
        .is(200);
    let again = app
        .api()
        .post("/api/v1/accounts/activate", json!({"token": token}))
        .await
        .is(400);
    assert_eq!(again.problem().code, "invalid_token");
}

#[tokio::test]
async fn a_lost_activation_mail_is_sent_again_to_who_waits_for_it_only() {
    let (app, mail) = with_mail().await;
    app.api().post("/api/v1/accounts", ada()).await.is(201);
    mail.nth("ada@example.org", 1).await;
    let again = json!({"email": "ada@example.org"});
    let known = app
        .api()
        .post("/api/v1/accounts/activation", again.clone())
        .await
        .is(202);
    let second = token(&mail.nth("ada@example.org", 2).await);
    app.api()
        .post("/api/v1/accounts/activate", json!({"token": second}))
        .await
        .is(200);
    let unknown = app
        .api()
        .post("/api/v1/accounts/activation", json!({"email": "bob@example.org"}))
        .await
        .is(202);
    assert_eq!(known.text, unknown.text);
    app.api().post("/api/v1/accounts/activation", again).await.is(202);
    app.state().postbox.settle(std::time::Duration::from_secs(10)).await;
    assert_eq!(mail.mails("ada@example.org").len(), 2);
    assert!(mail.mails("bob@example.org").is_empty());
}

#[tokio::test]
async fn only_who_knows_the_password_learns_that_an_account_waits() {
    let (app, _mail) = with_mail().await;
    app.api().post("/api/v1/accounts", ada()).await.is(201);
    let guess = json!({"email": "ada@example.org", "password": "not the password"});
    assert_eq!(
        app.api().post("/api/v1/login", guess).await.is(401).problem().code,
        "invalid_credentials"
    );
}

#[tokio::test]
async fn a_link_for_one_purpose_is_worth_nothing_for_another() {
    let (app, mail) = with_mail().await;
    app.api().post("/api/v1/accounts", ada()).await.is(201);
    let activation = token(&mail.nth("ada@example.org", 1).await);
    let misuse = json!({"token": activation, "password": "an even better password"});
    app.api().post("/api/v1/password-reset/confirm", misuse).await.is(400);
    app.api()
        .post("/api/v1/accounts/activate", json!({"token": activation}))
        .await
        .is(200);
}

#[tokio::test]
async fn choosing_a_new_password_by_mail_confirms_the_address_too() {
    let (app, mail) = with_mail().await;
    app.api().post("/api/v1/accounts", ada()).await.is(201);
    mail.nth("ada@example.org", 1).await;
    app.api()
        .post("/api/v1/password-reset", json!({"email": "ada@example.org"}))
        .await
        .is(202);
    let reset = token(&mail.nth("ada@example.org", 2).await);
    let confirmation = json!({"token": reset, "password": "an even better password"});
    app.api()
        .post("/api/v1/password-reset/confirm", confirmation)
        .await
        .is(204);
    app.api().logged_in("ada@example.org", "an even better password").await;
}

#[tokio::test]
async fn the_administrator_of_a_fresh_site_needs_no_activation() {
    let (app, _mail) = with_mail().await;
    let (email, password) = app.first_administrator().unwrap();
    app.api().logged_in(email, password).await;
}
