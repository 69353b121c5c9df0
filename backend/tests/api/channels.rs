use serde_json::json;
use sluice_testkit::App;

#[tokio::test]
async fn a_new_channel_is_public_off_air_and_its_owners() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let wish = json!({"slug": "main-stage", "title": " Main stage ", "description": "Two\r\nlines"});
    let made = ada.post("/api/v1/channels", wish).await.is(201).json();
    let me = ada.get("/api/v1/me").await.json();
    assert_eq!(made["slug"], "main-stage");
    assert_eq!(made["title"], "Main stage");
    assert_eq!(made["description"], "Two\nlines");
    assert_eq!(made["owner"], json!({"id": me["id"], "display_name": "ada"}));
    assert_eq!(
        (&made["live"], &made["started_at"], &made["viewers"]),
        (&json!(false), &json!(null), &json!(0))
    );
    assert_eq!((&made["access"], &made["takeover"]), (&json!("public"), &json!(false)));
    assert_eq!(
        made["playback"]["hls"],
        format!("{}/live/main-stage/index.m3u8", app.base())
    );
    assert_eq!(
        made["playback"]["dvr"],
        format!("{}/live/main-stage/dvr.m3u8", app.base())
    );
    assert_eq!(
        (&made["dvr"], &made["dvr_window_hours"]),
        (&json!("everyone"), &json!(null))
    );
    assert_eq!(made["can_manage"], true);
    assert_eq!(ada.show("main-stage").await, made);
}

#[tokio::test]
async fn strangers_see_a_channel_but_not_as_theirs() {
    let app = App::start().await;
    app.api().signed_up("ada").await.channel("stage").await;
    let seen = app.api().show("stage").await;
    assert_eq!(seen["can_manage"], false);
    assert_eq!(seen["owner"]["display_name"], "ada");
    assert!(!seen.to_string().contains("example.org"), "an address leaks: {seen}");
}

#[tokio::test]
async fn playback_urls_follow_the_operators_settings() {
    let env = [
        ("PUBLIC_URL", "https://live.example.org"),
        ("LIVE_BASE_URL", "https://edge.example.org"),
    ];
    let app = App::start_with(env).await;
    let ada = app.api().signed_up("ada").await;
    let made = ada.channel("stage").await;
    assert_eq!(
        made["playback"]["hls"],
        "https://edge.example.org/live/stage/index.m3u8"
    );
    let key = ada.key("stage").await;
    assert!(
        key.rtmp.starts_with("rtmp://live.example.org:1935/live/sk_"),
        "{}",
        key.rtmp
    );
}

#[tokio::test]
async fn a_slug_has_one_channel_however_many_ask_for_it_at_once() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let bob = app.api().signed_up("bob").await;
    let wish = || json!({"slug": "stage", "title": "Stage"});
    let tries = [&ada, &bob, &ada, &bob].map(|api| api.post("/api/v1/channels", wish()));
    let answers = futures_util::future::join_all(tries).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for refused in answers.into_iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.is(409).problem().code, "slug_taken");
    }
}

#[tokio::test]
async fn every_bad_field_of_a_channel_is_named_at_once() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let long = "x".repeat(2001);
    let bad = json!({"slug": "../etc", "title": "", "description": long, "access": "secret"});
    let problem = ada.post("/api/v1/channels", bad).await.is(422).problem();
    assert_eq!(problem.fields, ["slug", "title", "description", "access"]);
    ada.channel("stage").await;
    let bad = json!({"title": "x".repeat(121), "description": "\u{0}", "access": ""});
    let problem = ada.patch("/api/v1/channels/stage", bad).await.is(422).problem();
    assert_eq!(problem.fields, ["title", "description", "access"]);
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_never_the_slug() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let before = ada.channel("stage").await;
    let patch = json!({"title": "New title", "slug": "other", "unknown": {"deep": []}});
    let after = ada.patch("/api/v1/channels/stage", patch).await.is(200).json();
    assert_eq!(after["title"], "New title");
    assert_eq!(after["slug"], "stage");
    assert_eq!(after["description"], before["description"]);
    let patch = json!({"access": "unlisted", "takeover": true, "description": "About"});
    let after = ada.patch("/api/v1/channels/stage", patch).await.is(200).json();
    assert_eq!(
        (&after["access"], &after["takeover"]),
        (&json!("unlisted"), &json!(true))
    );
    assert_eq!(after["title"], "New title");
    ada.patch("/api/v1/channels/stage", json!({})).await.is(200);
}

#[tokio::test]
async fn an_unlisted_channel_is_open_to_who_knows_it_and_in_no_strangers_list() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let bob = app.api().signed_up("bob").await;
    let root = app.administrator().await;
    ada.channel("seen").await;
    let hidden = json!({"slug": "hidden", "title": "Hidden", "access": "unlisted"});
    ada.post("/api/v1/channels", hidden).await.is(201);
    app.api().show("hidden").await;
    for stranger in [&app.api(), &bob] {
        assert_eq!(slugs(stranger, "/api/v1/channels").await, ["seen"]);
        assert!(slugs(stranger, "/api/v1/channels?q=hidden").await.is_empty());
    }
    for insider in [&ada, &root] {
        assert_eq!(slugs(insider, "/api/v1/channels").await, ["hidden", "seen"]);
    }
}

#[tokio::test]
async fn channels_are_found_by_owner_text_and_whether_they_are_live() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let bob = app.api().signed_up("bob").await;
    ada.channel("north").await;
    bob.channel("south").await;
    assert_eq!(slugs(&ada, "/api/v1/channels?mine=true").await, ["north"]);
    assert_eq!(slugs(&app.api(), "/api/v1/channels?q=SOUTH").await, ["south"]);
    assert_eq!(slugs(&app.api(), "/api/v1/channels?q=%25").await, Vec::<String>::new());
    assert_eq!(slugs(&app.api(), "/api/v1/channels?q=%20").await, ["south", "north"]);
    assert!(slugs(&app.api(), "/api/v1/channels?live=true").await.is_empty());
    assert_eq!(
        slugs(&app.api(), "/api/v1/channels?live=false").await,
        ["south", "north"]
    );
    let refused = app.api().get("/api/v1/channels?mine=true").await.is(401);
    assert_eq!(refused.problem().code, "authentication_required");
}

#[tokio::test]
async fn a_deleted_channel_is_gone_with_its_keys_and_its_slug_is_free() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let bob = app.api().signed_up("bob").await;
    ada.channel("stage").await;
    ada.key("stage").await;
    ada.delete("/api/v1/channels/stage").await.is(204);
    ada.get("/api/v1/channels/stage").await.is(404);
    ada.get("/api/v1/channels/stage/stream-keys").await.is(404);
    ada.delete("/api/v1/channels/stage").await.is(404);
    bob.channel("stage").await;
    let keys = bob.get("/api/v1/channels/stage/stream-keys").await.json();
    assert_eq!(keys["items"], json!([]));
}

#[tokio::test]
async fn a_name_that_is_no_slug_is_at_no_address() {
    let app = App::start().await;
    for name in [
        "A",
        "a",
        "..",
        "%2e%2e",
        "a%2Fb",
        "a%00b",
        "%ff%fe",
        "x".repeat(300).as_str(),
    ] {
        let answer = app.api().get(&format!("/api/v1/channels/{name}")).await;
        assert!(matches!(answer.status.as_u16(), 404 | 400), "{name}: {}", answer.text);
        answer.problem();
    }
}

async fn slugs(api: &sluice_testkit::Api, path: &str) -> Vec<String> {
    let list = api.get(path).await.is(200).json();
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["slug"].as_str().unwrap().to_owned()).collect()
}
