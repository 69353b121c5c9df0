use serde_json::json;
use sluice_backend::channels::session::Session;
use sluice_backend::realtime::Event;
use sluice_testkit::api::PASSWORD;
use sluice_testkit::{Api, App};
use tokio_tungstenite::tungstenite::Message;

use crate::socket::Socket;

fn live(channel: &str) -> Event {
    let started_at = Some("2026-11-20T22:20:53.850Z".to_owned());
    Event::Live {
        channel: channel.to_owned(),
        live: true,
        started_at,
    }
}

fn viewers(channel: &str, viewers: u32) -> Event {
    Event::Viewers {
        channel: channel.to_owned(),
        viewers,
    }
}

/// A report of the encoder of a channel that is there.
async fn ingest(app: &App, channel: &str) -> Event {
    let stored = app.state().store.channels().by_slug(channel).await.unwrap().unwrap();

    let session = Session {
        id: "0193a5f0c1d27b3e8f4a5b6c7d8e9f00".to_owned(),
        state: "live",
        reason: None,
        reason_text: None,
        started_at: "2026-11-20T22:20:53.850Z".to_owned(),
        ended_at: None,
        encoder: "FMLE/3.0".to_owned(),
        address: "192.0.2.7".to_owned(),
        key: None,
        bitrate_bps: Some(4_500_000),
        width: None,
        height: None,
        frame_rate: None,
        video_codec: None,
        audio_codec: None,
        keyframe_interval_ms: None,
    };
    Event::Ingest {
        channel: channel.to_owned(),
        owner_id: stored.owner_id,
        session: Box::new(session),
    }
}

async fn token(app: &App, email: &str, password: &str) -> String {
    let login = json!({"email": email, "password": password});
    let answer = app.api().post("/api/v1/login", login).await.is(200).json();
    answer["token"].as_str().unwrap().to_owned()
}

async fn with_channels() -> (App, Api) {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("north").await;
    ada.channel("south").await;
    let hidden = json!({"slug": "hidden", "title": "Hidden", "access": "unlisted"});
    ada.post("/api/v1/channels", hidden).await.is(201);
    (app, ada)
}

#[tokio::test]
async fn a_socket_begins_with_how_its_channels_stand() {
    let (app, _) = with_channels().await;
    let mut socket = Socket::open(&app, "?channel=north&channel=hidden&channel=north", "").await;
    let expected = [
        json!({"type": "live", "channel": "hidden", "live": false, "started_at": null}),
        json!({"type": "viewers", "channel": "hidden", "viewers": 0}),
        json!({"type": "live", "channel": "north", "live": false, "started_at": null}),
        json!({"type": "viewers", "channel": "north", "viewers": 0}),
    ];
    assert_eq!(socket.take(4).await, expected);
}

#[tokio::test]
async fn a_socket_tells_of_the_channels_it_named_and_of_no_others() {
    let (app, _) = with_channels().await;
    let mut socket = Socket::open(&app, "?channel=north", "").await;
    socket.take(2).await;
    for event in [live("south"), viewers("south", 1), live("north"), viewers("north", 7)] {
        app.state().bus.publish(&event);
    }
    let expected = [
        json!({"type": "live", "channel": "north", "live": true, "started_at": "2026-11-20T22:20:53.850Z"}),
        json!({"type": "viewers", "channel": "north", "viewers": 7}),
    ];
    assert_eq!(socket.take(2).await, expected);
}

#[tokio::test]
async fn a_socket_that_names_none_hears_of_public_channels_only() {
    let (app, ada) = with_channels().await;
    let mut socket = Socket::open(&app, "", "").await;
    for event in [
        live("hidden"),
        ingest(&app, "north").await,
        viewers("nowhere", 1),
        viewers("north", 7),
    ] {
        app.state().bus.publish(&event);
    }
    assert_eq!(socket.next().await["channel"], "north");
    ada.patch("/api/v1/channels/north", json!({"access": "unlisted"}))
        .await
        .is(200);
    app.state().bus.publish(&viewers("north", 8));
    app.state().bus.publish(&viewers("south", 9));
    assert_eq!(socket.next().await["channel"], "south");
}

#[tokio::test]
async fn what_comes_from_the_encoder_is_told_to_owners_and_administrators_only() {
    let (app, _) = with_channels().await;
    app.api().signed_up("bob").await;
    let (email, password) = app.first_administrator().unwrap();
    let insiders = [
        token(&app, "ada@example.org", PASSWORD).await,
        token(&app, email, password).await,
    ];
    let outsiders = [
        token(&app, "bob@example.org", PASSWORD).await,
        String::new(),
        "forged".to_owned(),
    ];
    let mut sockets = Vec::new();
    for token in insiders.iter().chain(&outsiders) {
        let mut socket = Socket::open(&app, "?channel=north", token).await;
        socket.take(2).await;
        sockets.push(socket);
    }
    app.state().bus.publish(&ingest(&app, "north").await);
    app.state().bus.publish(&viewers("north", 7));
    for (n, mut socket) in sockets.into_iter().enumerate() {
        let event = socket.next().await;
        if n < insiders.len() {
            assert_eq!(
                (&event["type"], &event["session"]["bitrate_bps"]),
                (&json!("ingest"), &json!(4_500_000))
            );
        } else {
            assert_eq!(event["type"], "viewers", "{n}");
        }
    }
}

#[tokio::test]
async fn who_logs_out_hears_no_more_of_what_is_private() {
    let (app, _) = with_channels().await;
    let token = token(&app, "ada@example.org", PASSWORD).await;
    let mut socket = Socket::open(&app, "?channel=north", &token).await;
    socket.take(2).await;
    app.state().bus.publish(&ingest(&app, "north").await);
    assert_eq!(socket.next().await["type"], "ingest");
    app.api()
        .with_token(&token)
        .post("/api/v1/logout", json!({}))
        .await
        .is(204);
    app.state().bus.publish(&ingest(&app, "north").await);
    app.state().bus.publish(&viewers("north", 7));
    assert_eq!(socket.next().await["type"], "viewers");
}

#[tokio::test]
async fn who_loses_the_role_of_administrator_hears_no_more_of_what_is_private() {
    let (app, _) = with_channels().await;
    let bob = app.api().signed_up("bob").await;
    let id = bob.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/accounts/{id}");
    let administrator = app.administrator().await;
    administrator
        .patch(&path, json!({"role": "administrator"}))
        .await
        .is(200);
    let token = token(&app, "bob@example.org", PASSWORD).await;
    let mut socket = Socket::open(&app, "?channel=north", &token).await;
    socket.take(2).await;
    app.state().bus.publish(&ingest(&app, "north").await);
    assert_eq!(socket.next().await["type"], "ingest");
    administrator.patch(&path, json!({"role": "streamer"})).await.is(200);
    app.state().bus.publish(&ingest(&app, "north").await);
    app.state().bus.publish(&viewers("north", 7));
    assert_eq!(socket.next().await["type"], "viewers");
}

#[tokio::test]
async fn a_socket_does_not_name_the_owner_of_a_channel() {
    let (app, _) = with_channels().await;
    let token = token(&app, "ada@example.org", PASSWORD).await;
    let mut socket = Socket::open(&app, "?channel=north", &token).await;
    socket.take(2).await;
    app.state().bus.publish(&ingest(&app, "north").await);
    assert_eq!(socket.next().await.get("owner_id"), None);
}

#[tokio::test]
async fn pages_of_other_sites_open_no_socket() {
    let (app, _) = with_channels().await;
    let foreign = Socket::try_open(&app, "?channel=north", &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.err(), Some(403));
    let own = Socket::try_open(&app, "?channel=north", &[("origin", app.base())]).await;
    assert!(own.is_ok());
}

#[tokio::test]
async fn a_socket_for_nothing_or_for_too_much_is_refused() {
    let (app, _) = with_channels().await;
    let many: String = (0..51).map(|n| format!("&channel=c{n}")).collect();
    for (query, status) in [
        ("?channel=none", 404),
        ("?channel=..%2f", 404),
        (&*format!("?{many}"), 400),
    ] {
        assert_eq!(Socket::try_open(&app, query, &[]).await.err(), Some(status), "{query}");
    }
    app.api().get("/ws").await.is(400).problem();
}

#[tokio::test]
async fn a_client_may_ping_and_talk_but_not_shout() {
    let (app, _) = with_channels().await;
    let mut socket = Socket::open(&app, "?channel=north", "").await;
    socket.take(2).await;
    socket.say(Message::text("hello")).await;
    socket.say(Message::Ping(b"x".to_vec().into())).await;
    app.state().bus.publish(&viewers("north", 7));
    assert_eq!(socket.next().await["viewers"], 7);
    socket.say(Message::text("x".repeat(5000))).await;
    socket.closed().await;
}

#[tokio::test]
async fn a_client_that_is_too_slow_is_told_to_come_back() {
    let (app, _) = with_channels().await;
    let mut socket = Socket::open(&app, "?channel=north", "").await;
    socket.take(2).await;
    // More than the bus holds, faster than any socket can take it.
    for n in 0..5000 {
        app.state().bus.publish(&viewers("north", n));
    }
    assert_eq!(socket.closed().await, 1013);
    let mut again = Socket::open(&app, "?channel=north", "").await;
    assert_eq!(again.take(2).await[1]["viewers"], 0);
}
