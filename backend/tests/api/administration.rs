use serde_json::{Value, json};
use sluice_testkit::api::PASSWORD;
use sluice_testkit::{Api, App};

async fn id(api: &Api) -> String {
    api.get("/api/v1/me").await.is(200).json()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn set(root: &Api, id: &str, patch: Value) -> sluice_testkit::api::Answer {
    root.patch(&format!("/api/v1/admin/accounts/{id}"), patch).await
}

#[tokio::test]
async fn an_administrator_finds_accounts_by_address_and_name() {
    let app = App::start().await;
    let root = app.administrator().await;
    for name in ["ada", "bob"] {
        app.api().signed_up(name).await;
    }
    let all = root.get("/api/v1/admin/accounts").await.is(200).json();
    let emails: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails, ["bob@example.org", "ada@example.org", "admin@localhost"]);
    let found = root.get("/api/v1/admin/accounts?q=ADA%40ex").await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["display_name"], "ada");
}

#[tokio::test]
async fn a_suspension_works_at_once_and_can_be_taken_back() {
    let app = App::start().await;
    let root = app.administrator().await;
    let ada = app.api().signed_up("ada").await;
    let ada_id = id(&ada).await;
    let account = set(&root, &ada_id, json!({"suspended": true})).await.is(200).json();
    assert_eq!(account["suspended"], true);
    ada.get("/api/v1/me").await.is(401);
    let login = json!({"email": "ada@example.org", "password": PASSWORD});
    assert_eq!(
        app.api()
            .post("/api/v1/login", login.clone())
            .await
            .is(403)
            .problem()
            .code,
        "account_suspended"
    );
    let guess = json!({"email": "ada@example.org", "password": "not the password"});
    assert_eq!(
        app.api().post("/api/v1/login", guess).await.is(401).problem().code,
        "invalid_credentials"
    );
    assert_eq!(
        set(&root, &ada_id, json!({"suspended": false})).await.is(200).json()["suspended"],
        false
    );
    app.api().post("/api/v1/login", login).await.is(200);
}

#[tokio::test]
async fn administrators_cannot_change_themselves() {
    let app = App::start().await;
    let root = app.administrator().await;
    let own = id(&root).await;
    for patch in [json!({"role": "viewer"}), json!({"suspended": true}), json!({})] {
        assert_eq!(
            set(&root, &own, patch).await.is(409).problem().code,
            "cannot_change_self"
        );
    }
}

#[tokio::test]
async fn only_roles_that_exist_are_given() {
    let app = App::start().await;
    let root = app.administrator().await;
    let ada_id = id(&app.api().signed_up("ada").await).await;
    let refused = set(&root, &ada_id, json!({"role": "emperor"})).await.is(422);
    assert_eq!(refused.problem().fields, ["role"]);
    assert_eq!(
        set(&root, &ada_id, json!({"role": "viewer"})).await.is(200).json()["role"],
        "viewer"
    );
    set(&root, "not-an-id", json!({"role": "viewer"})).await.is(404);
}

#[tokio::test]
async fn an_administrator_sees_and_manages_every_channel() {
    let app = App::start().await;
    let root = app.administrator().await;
    let ada = app.api().signed_up("ada").await;
    let hidden = json!({"slug": "hidden", "title": "Hidden", "access": "unlisted"});
    ada.post("/api/v1/channels", hidden).await.is(201);
    ada.channel("stage").await;
    let all = root.get("/api/v1/admin/channels").await.is(200).json();
    let items = all["items"].as_array().unwrap();
    assert_eq!(
        items
            .iter()
            .map(|item| item["slug"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["stage", "hidden"]
    );
    assert!(items.iter().all(|item| item["can_manage"] == true));
    let found = root.get("/api/v1/admin/channels?q=hid").await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    root.patch("/api/v1/channels/hidden", json!({"title": "Seen"}))
        .await
        .is(200);
}

#[tokio::test]
async fn the_list_of_live_sessions_knows_only_the_live() {
    let app = App::start().await;
    let root = app.administrator().await;
    assert_eq!(
        root.get("/api/v1/admin/sessions?state=live").await.is(200).json()["items"],
        json!([])
    );
    let refused = root.get("/api/v1/admin/sessions?state=ended").await.is(400);
    assert_eq!(refused.problem().code, "invalid_request");
}
