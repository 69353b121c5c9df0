use serde_json::json;
use sluice_testkit::App;

#[tokio::test]
async fn a_stream_key_is_shown_once_and_never_again() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let wish = json!({"label": " OBS at home "});
    let made = ada.post("/api/v1/channels/stage/stream-keys", wish).await.is(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("sk_") && key.len() == 35, "{key}");
    assert_eq!(made["label"], "OBS at home");
    assert_eq!(made["hint"], key[key.len() - 4..]);
    assert_eq!(made["ingest"]["rtmp"], "rtmp://127.0.0.1:1935/live");
    assert_eq!(made["ingest"]["srt"], json!(null));
    let list = ada.get("/api/v1/channels/stage/stream-keys").await.is(200);
    assert!(!list.text.contains(key), "{}", list.text);
    let item = &list.json()["items"][0];
    assert_eq!(
        (&item["id"], &item["label"], &item["hint"]),
        (&made["id"], &made["label"], &made["hint"])
    );
    assert_eq!(
        (&item["last_used_at"], &item["revoked_at"]),
        (&json!(null), &json!(null))
    );
}

#[tokio::test]
async fn the_store_keeps_only_the_hash_of_a_key() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let key = ada.key("stage").await;
    let keys = app.state().store.stream_keys();
    let hash = sluice_backend::random::fingerprint(&key.key);
    assert_eq!(keys.by_hash(&hash).await.unwrap().unwrap().key_id, key.id);
    assert!(keys.by_hash(&key.key).await.unwrap().is_none());
}

#[tokio::test]
async fn a_revoked_key_stays_in_the_list_as_revoked_and_cannot_be_revoked_again() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let key = ada.key("stage").await;
    let path = format!("/api/v1/channels/stage/stream-keys/{}", key.id);
    ada.delete(&path).await.is(204);
    let list = ada.get("/api/v1/channels/stage/stream-keys").await.json();
    assert!(list["items"][0]["revoked_at"].as_str().unwrap().ends_with('Z'));
    ada.delete(&path).await.is(404);
}

#[tokio::test]
async fn a_key_is_revoked_only_by_way_of_its_own_channel() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let bob = app.api().signed_up("bob").await;
    ada.channel("north").await;
    bob.channel("south").await;
    let key = ada.key("north").await;
    bob.delete(&format!("/api/v1/channels/south/stream-keys/{}", key.id))
        .await
        .is(404);
    bob.delete(&format!("/api/v1/channels/north/stream-keys/{}", key.id))
        .await
        .is(403);
    let list = ada.get("/api/v1/channels/north/stream-keys").await.json();
    assert_eq!(list["items"][0]["revoked_at"], json!(null));
}

#[tokio::test]
async fn a_channel_has_at_most_twenty_keys_that_work() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let mut last = None;
    for _ in 0..20 {
        last = Some(ada.key("stage").await.id);
    }
    let one_more = || ada.post("/api/v1/channels/stage/stream-keys", json!({"label": "one more"}));
    assert_eq!(one_more().await.is(409).problem().code, "too_many_keys");
    let path = format!("/api/v1/channels/stage/stream-keys/{}", last.unwrap());
    ada.delete(&path).await.is(204);
    one_more().await.is(201);
}

#[tokio::test]
async fn a_label_is_asked_for_and_checked() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    for bad in ["", "  ", "a\nb", &"x".repeat(61)] {
        let refused = ada
            .post("/api/v1/channels/stage/stream-keys", json!({"label": bad}))
            .await
            .is(422);
        assert_eq!(refused.problem().fields, ["label"], "{bad:?}");
    }
    ada.post("/api/v1/channels/stage/stream-keys", json!({})).await.is(400);
}
