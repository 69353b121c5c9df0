//! Who may do what, as one table.

use reqwest::Method;
use serde_json::json;
use sluice_testkit::{Api, App};

/// What each of these gets: nobody, somebody else, the owner, an administrator.
struct Row {
    method: Method,
    path: &'static str,
    body: &'static str,
    statuses: [u16; 4],
}

const fn row(method: Method, path: &'static str, body: &'static str, statuses: [u16; 4]) -> Row {
    Row {
        method,
        path,
        body,
        statuses,
    }
}

const MISSING: &str = "0193a5f0c1d27b3e8f4a5b6c7d8e9f00";

/// In an order that leaves the channel standing until the end.
fn table() -> Vec<Row> {
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    vec![
        row(get.clone(), "/api/v1/site", "", [200; 4]),
        row(get.clone(), "/api/v1/channels", "", [200; 4]),
        row(get.clone(), "/api/v1/channels?mine=true", "", [401, 200, 200, 200]),
        row(get.clone(), "/api/v1/channels/stage", "", [200; 4]),
        row(get.clone(), "/api/v1/me", "", [401, 200, 200, 200]),
        row(patch.clone(), "/api/v1/me", "{}", [401, 200, 200, 200]),
        row(post.clone(), "/api/v1/me/password", "{}", [401, 400, 400, 400]),
        row(post.clone(), "/api/v1/channels", "{}", [401, 400, 400, 400]),
        row(patch.clone(), "/api/v1/channels/stage", "{}", [401, 403, 200, 200]),
        row(
            get.clone(),
            "/api/v1/channels/stage/stream-keys",
            "",
            [401, 403, 200, 200],
        ),
        row(
            post.clone(),
            "/api/v1/channels/stage/stream-keys",
            r#"{"label":"x"}"#,
            [401, 403, 201, 201],
        ),
        row(
            delete.clone(),
            "/api/v1/channels/stage/stream-keys/ID",
            "",
            [401, 403, 404, 404],
        ),
        row(get.clone(), "/api/v1/channels/stage/sessions", "", [401, 403, 200, 200]),
        row(
            post.clone(),
            "/api/v1/channels/stage/sessions/ID/end",
            "",
            [401, 403, 404, 404],
        ),
        row(get.clone(), "/api/v1/channels/stage/shows", "", [200; 4]),
        row(get.clone(), "/api/v1/channels/stage/shows/7/download", "", [404; 4]),
        row(
            patch.clone(),
            "/api/v1/channels/stage/shows/7",
            r#"{"kept":true}"#,
            [401, 403, 404, 404],
        ),
        row(
            delete.clone(),
            "/api/v1/channels/stage/shows/7",
            "",
            [401, 403, 404, 404],
        ),
        row(get.clone(), "/api/v1/channels/stage/clips", "", [200; 4]),
        row(post.clone(), "/api/v1/channels/stage/clips", "{}", [400; 4]),
        row(get.clone(), "/api/v1/me/clips", "", [401, 200, 200, 200]),
        row(get.clone(), "/api/v1/clips/ID", "", [404; 4]),
        row(patch.clone(), "/api/v1/clips/ID", "{}", [401, 404, 404, 404]),
        row(delete.clone(), "/api/v1/clips/ID", "", [401, 404, 404, 404]),
        row(post, "/api/v1/clips/ID/retry", "{}", [401, 404, 404, 404]),
        row(get.clone(), "/api/v1/clips/ID/download", "", [404; 4]),
        row(get.clone(), "/api/v1/admin/clips", "", [401, 403, 403, 200]),
        row(get.clone(), "/api/v1/admin/accounts", "", [401, 403, 403, 200]),
        row(get.clone(), "/api/v1/admin/storage", "", [401, 403, 403, 200]),
        row(patch, "/api/v1/admin/accounts/ID", "{}", [401, 403, 403, 404]),
        row(get.clone(), "/api/v1/admin/channels", "", [401, 403, 403, 200]),
        row(get, "/api/v1/admin/sessions", "", [401, 403, 403, 200]),
        row(delete.clone(), "/api/v1/channels/stage", "", [401, 403, 204, 404]),
        row(delete, "/api/v1/channels/other", "", [401, 403, 403, 204]),
    ]
}

async fn status(api: &Api, row: &Row) -> u16 {
    let mut request = api.request(row.method.clone(), &row.path.replace("ID", MISSING));
    if !row.body.is_empty() {
        request = request.header("content-type", "application/json").body(row.body);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn each_may_do_what_the_table_says_and_nothing_else() {
    let app = App::start().await;
    let owner = app.api().signed_up("owner").await;
    let third = app.api().signed_up("third").await;
    let callers = [
        app.api(),
        app.api().signed_up("stranger").await,
        owner.clone(),
        app.administrator().await,
    ];
    owner.channel("stage").await;
    third.channel("other").await;
    for row in table() {
        let mut statuses = [0; 4];
        for (caller, got) in callers.iter().zip(&mut statuses) {
            *got = status(caller, &row).await;
        }
        assert_eq!(statuses, row.statuses, "{} {}", row.method, row.path);
    }
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_with_the_next_request() {
    let app = App::start().await;
    let root = app.administrator().await;
    let ada = app.api().signed_up("ada").await;
    let id = ada.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/accounts/{id}");
    let become_of = |role: &str| root.patch(&path, json!({"role": role}));
    become_of("administrator").await.is(200);
    ada.get("/api/v1/admin/accounts").await.is(200);
    become_of("viewer").await.is(200);
    ada.get("/api/v1/admin/accounts").await.is(403);
    let refused = ada
        .post("/api/v1/channels", json!({"slug": "stage", "title": "Stage"}))
        .await
        .is(403);
    assert_eq!(refused.problem().code, "streamer_role_required");
}
