//! What the API does to a show that is on air. The hooks are called as the media server calls them.

use serde_json::json;
use sluice_testkit::api::Key;
use sluice_testkit::{Api, App};

use crate::socket::Socket;

/// An encoder asks to publish; the session's id if it may, the status if not.
pub(crate) async fn publish(app: &App, key: &str, client_id: u32) -> Result<String, u16> {
    let client_id = client_id.to_string();
    let form = [
        ("app", "live"),
        ("addr", "192.0.2.7"),
        ("clientid", &client_id),
        ("call", "publish"),
        ("name", key),
    ];
    let request = app
        .api()
        .request(reqwest::Method::POST, "/hooks/publish")
        .header("x-media-server", "nginx-1");
    let answer = request.form(&form).send().await.unwrap();
    match answer.status().as_u16() {
        302 => Ok(answer.headers()["location"].to_str().unwrap().to_owned()),
        status => Err(status),
    }
}

struct OnAir {
    app: App,
    ada: Api,
    key: Key,
    session: String,
}

async fn on_air() -> OnAir {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let key = ada.key("stage").await;
    let session = publish(&app, &key.key, 1).await.expect("a valid key");
    OnAir { app, ada, key, session }
}

impl OnAir {
    async fn reason(&self) -> serde_json::Value {
        let sessions = self.ada.sessions("stage").await;
        let session = sessions
            .into_iter()
            .find(|session| session["id"] == self.session.as_str())
            .unwrap();
        session["reason"].clone()
    }

    fn end(&self) -> String {
        format!("/api/v1/channels/stage/sessions/{}/end", self.session)
    }
}

#[tokio::test]
async fn a_channel_on_air_shows_it_wherever_it_is_listed() {
    let show = on_air().await;
    show.ada.channel("silent").await;
    let channel = show.app.api().show("stage").await;
    assert_eq!(channel["live"], true);
    assert!(channel["started_at"].as_str().unwrap().ends_with('Z'));
    let live = show.app.api().get("/api/v1/channels?live=true").await.is(200).json();
    assert_eq!(live["items"], json!([channel]));
    let off = show.app.api().get("/api/v1/channels?live=false").await.json();
    assert_eq!(off["items"][0]["slug"], "silent");
    let root = show.app.administrator().await;
    let sessions = root.get("/api/v1/admin/sessions?state=live").await.json();
    assert_eq!(sessions["items"][0]["id"], show.session.as_str());
    let keys = show.ada.get("/api/v1/channels/stage/stream-keys").await.json();
    assert!(keys["items"][0]["last_used_at"].is_string());
}

#[tokio::test]
async fn an_owner_ends_a_show_once() {
    let show = on_air().await;
    show.ada.post(&show.end(), json!({})).await.is(204);
    assert_eq!(show.reason().await, "ended_by_owner");
    assert_eq!(show.app.api().show("stage").await["live"], false);
    assert_eq!(
        show.ada.post(&show.end(), json!({})).await.is(409).problem().code,
        "session_not_live"
    );
}

#[tokio::test]
async fn an_administrator_ends_a_show_and_the_owner_reads_who_it_was() {
    let show = on_air().await;
    show.app
        .administrator()
        .await
        .post(&show.end(), json!({}))
        .await
        .is(204);
    assert_eq!(show.reason().await, "ended_by_administrator");
}

#[tokio::test]
async fn a_show_ends_with_the_revocation_of_its_key_and_with_no_others() {
    let show = on_air().await;
    let other = show.ada.key("stage").await;
    show.ada
        .delete(&format!("/api/v1/channels/stage/stream-keys/{}", other.id))
        .await
        .is(204);
    assert_eq!(show.app.api().show("stage").await["live"], true);
    show.ada
        .delete(&format!("/api/v1/channels/stage/stream-keys/{}", show.key.id))
        .await
        .is(204);
    assert_eq!(show.app.api().show("stage").await["live"], false);
    assert_eq!(show.reason().await, "key_revoked");
    assert_eq!(publish(&show.app, &show.key.key, 2).await, Err(403));
}

#[tokio::test]
async fn a_suspended_owners_show_ends_and_none_begins() {
    let show = on_air().await;
    let root = show.app.administrator().await;
    let id = show.ada.get("/api/v1/me").await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    root.patch(&format!("/api/v1/admin/accounts/{id}"), json!({"suspended": true}))
        .await
        .is(200);
    let session = show
        .app
        .state()
        .store
        .publish_sessions()
        .by_id(&show.session)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.reason, Some(sluice_domain::EndReason::AccountSuspended));
    assert_eq!(show.app.api().show("stage").await["live"], false);
    assert_eq!(publish(&show.app, &show.key.key, 2).await, Err(403));
}

#[tokio::test]
async fn a_show_ends_with_its_channel_and_its_key_opens_nothing() {
    let show = on_air().await;
    let mut home = Socket::open(&show.app, "", "").await;
    assert_eq!(home.take(2).await[0]["live"], true);
    show.ada.delete("/api/v1/channels/stage").await.is(204);
    assert_eq!(
        home.next().await,
        json!({"type": "live", "channel": "stage", "live": false, "started_at": null})
    );
    assert_eq!(publish(&show.app, &show.key.key, 2).await, Err(403));
    let root = show.app.administrator().await;
    assert_eq!(root.get("/api/v1/admin/sessions").await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_open_page_hears_of_the_beginning_and_the_end_of_a_show() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let key = ada.key("stage").await;
    let mut home = Socket::open(&app, "", "").await;
    let mut watch = Socket::open(&app, "?channel=stage", "").await;
    watch.take(2).await;
    let session = publish(&app, &key.key, 1).await.unwrap();
    for socket in [&mut home, &mut watch] {
        let begun = socket.next().await;
        assert_eq!(
            (&begun["type"], &begun["channel"], &begun["live"]),
            (&json!("live"), &json!("stage"), &json!(true))
        );
        assert_eq!(begun["started_at"], app.api().show("stage").await["started_at"]);
    }
    ada.post(&format!("/api/v1/channels/stage/sessions/{session}/end"), json!({}))
        .await
        .is(204);
    for socket in [&mut home, &mut watch] {
        let mut event = socket.next().await;
        // The beginning is told twice to whoever comes at that moment.
        while event["type"] == "viewers" || event["live"] == true {
            event = socket.next().await;
        }
        assert_eq!(
            event,
            json!({"type": "live", "channel": "stage", "live": false, "started_at": null})
        );
    }
}
