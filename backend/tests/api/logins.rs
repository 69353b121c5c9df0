use reqwest::Method;
use serde_json::json;
use sluice_testkit::api::PASSWORD;
use sluice_testkit::{Api, App};

async fn log_in(api: &Api, email: &str, password: &str) -> sluice_testkit::api::Answer {
    api.post("/api/v1/login", json!({"email": email, "password": password}))
        .await
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let app = App::start().await;
    app.api().signed_up("ada").await;
    let wrong = log_in(&app.api(), "ada@example.org", "not the password")
        .await
        .is(401)
        .problem();
    let unknown = log_in(&app.api(), "bob@example.org", "not the password")
        .await
        .is(401)
        .problem();
    let no_address = log_in(&app.api(), "not an address", PASSWORD).await.is(401).problem();
    assert_eq!(wrong.code, "invalid_credentials");
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, no_address);
}

#[tokio::test]
async fn a_login_comes_as_a_token_and_as_a_cookie_that_scripts_cannot_read() {
    let app = App::start().await;
    app.api().signed_up("ada").await;
    let answer = log_in(&app.api(), "ada@example.org", PASSWORD).await.is(200);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert!(answer.json()["expires_at"].as_str().unwrap().ends_with('Z'));
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with(&format!("sluice_login={token};")), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let by_cookie = app
        .api()
        .request(Method::GET, "/api/v1/me")
        .header("cookie", format!("sluice_login={token}"));
    assert_eq!(by_cookie.send().await.unwrap().status(), 200);
    let by_bearer = app.api().with_token(token).get("/api/v1/me").await;
    by_bearer.is(200);
}

#[tokio::test]
async fn on_an_https_site_the_cookie_travels_by_https_only() {
    let app = App::start_with([("PUBLIC_URL", "https://live.example.org")]).await;
    app.api().signed_up("ada").await;
    let answer = log_in(&app.api(), "ada@example.org", PASSWORD).await.is(200);
    assert!(answer.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn logging_out_ends_the_login_at_once_and_no_other() {
    let app = App::start().await;
    let one = app.api().signed_up("ada").await;
    let other = app.api().logged_in("ada@example.org", PASSWORD).await;
    let answer = one.post("/api/v1/logout", json!({})).await.is(204);
    assert!(
        answer.header("set-cookie").starts_with("sluice_login=;"),
        "{}",
        answer.header("set-cookie")
    );
    assert_eq!(
        one.get("/api/v1/me").await.is(401).problem().code,
        "authentication_required"
    );
    other.get("/api/v1/me").await.is(200);
    one.post("/api/v1/logout", json!({})).await.is(204);
    app.api()
        .request(Method::POST, "/api/v1/logout")
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
}

#[tokio::test]
async fn a_stale_or_forged_token_counts_as_nobody() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    for bad in [
        "",
        "x",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJqdGkiOiIxIiwic3ViIjoiMSIsImV4cCI6OTk5OTk5OTk5OX0.",
    ] {
        let nobody = app.api().with_token(bad);
        nobody.get("/api/v1/me").await.is(401);
        assert_eq!(nobody.show("stage").await["can_manage"], false);
    }
}

#[tokio::test]
async fn logins_outlast_a_restart_of_the_backend() {
    let dir = tempfile::tempdir().unwrap();
    let env = [(
        "DATABASE_URL",
        format!("sqlite://{}", dir.path().join("kept.db").display()),
    )];
    let before = App::start_with(env.clone()).await;
    before.api().signed_up("ada").await;
    let answer = log_in(&before.api(), "ada@example.org", PASSWORD).await.json();
    drop(before);
    let after = App::start_with(env).await;
    after
        .api()
        .with_token(answer["token"].as_str().unwrap())
        .get("/api/v1/me")
        .await
        .is(200);
}
