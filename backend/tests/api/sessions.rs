use serde_json::{Value, json};
use sluice_domain::{EndReason, Millis};
use sluice_store::publish_sessions::{Health, New};
use sluice_testkit::{Api, App};

/// Records a session in the store, as the hooks do.
async fn record(app: &App, owner: &Api, n: u32) -> New {
    let key = owner.key("stage").await;
    let channel = app.state().store.channels().by_slug("stage").await.unwrap().unwrap();
    let session = New {
        id: format!("0193a5f0c1d27b3e8f4a5b6c7d8e9{n:03x}"),
        channel_id: channel.id,
        stream_key_id: key.id,
        instance: "nginx-1".to_owned(),
        client_id: n.to_string(),
        address: "192.0.2.7".to_owned(),
        encoder: "FMLE/3.0".to_owned(),
        started_at: Millis(1_795_213_253_850),
    };
    app.state().store.publish_sessions().create(&session).await.unwrap();
    session
}

async fn with_channel() -> (App, Api) {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    (app, ada)
}

#[tokio::test]
async fn an_owner_reads_who_was_live_and_why_it_ended() {
    let (app, ada) = with_channel().await;
    let session = record(&app, &ada, 1).await;
    let health = Health {
        bitrate_bps: Some(4_500_000),
        width: Some(1920),
        height: Some(1080),
        frame_rate_milli: Some(29_970),
        video_codec: Some("H264".to_owned()),
        audio_codec: Some("AAC".to_owned()),
        keyframe_interval_ms: Some(2000),
        media_at: Some(session.started_at),
    };
    let sessions = app.state().store.publish_sessions();
    sessions.set_health(&session.id, &health).await.unwrap();
    let ended_at = session.started_at.plus(Millis(60_000));
    sessions
        .end(&session.id, EndReason::WentSilent, ended_at)
        .await
        .unwrap();
    let shown = ada.sessions("stage").await;
    let expected = json!({
        "id": session.id, "state": "ended", "reason": "went_silent",
        "reason_text": "The encoder stopped sending. Check its network connection.",
        "started_at": "2026-11-20T22:20:53.850Z", "ended_at": "2026-11-20T22:21:53.850Z",
        "encoder": "FMLE/3.0", "address": "192.0.2.7",
        "key": {"id": session.stream_key_id, "label": "testkit"},
        "bitrate_bps": 4_500_000, "width": 1920, "height": 1080, "frame_rate": 29.97,
        "video_codec": "H264", "audio_codec": "AAC", "keyframe_interval_ms": 2000,
    });
    assert_eq!(shown, [expected]);
}

#[tokio::test]
async fn a_session_that_is_over_cannot_be_ended() {
    let (app, ada) = with_channel().await;
    let session = record(&app, &ada, 1).await;
    let sessions = app.state().store.publish_sessions();
    sessions
        .end(&session.id, EndReason::EndedByEncoder, session.started_at)
        .await
        .unwrap();
    let end = ada
        .post(
            &format!("/api/v1/channels/stage/sessions/{}/end", session.id),
            json!({}),
        )
        .await;
    assert_eq!(end.is(409).problem().code, "session_not_live");
}

#[tokio::test]
async fn a_session_is_ended_only_by_way_of_its_own_channel() {
    let (app, ada) = with_channel().await;
    let session = record(&app, &ada, 1).await;
    let bob = app.api().signed_up("bob").await;
    bob.channel("other").await;
    bob.post(
        &format!("/api/v1/channels/other/sessions/{}/end", session.id),
        json!({}),
    )
    .await
    .is(404);
    bob.post(
        &format!("/api/v1/channels/stage/sessions/{}/end", session.id),
        json!({}),
    )
    .await
    .is(403);
    ada.post("/api/v1/channels/stage/sessions/nonsense/end", json!({}))
        .await
        .is(404);
}

#[tokio::test]
async fn administrators_see_what_is_live_and_where() {
    let (app, ada) = with_channel().await;
    let session = record(&app, &ada, 1).await;
    let root = app.administrator().await;
    let live: Value = root.get("/api/v1/admin/sessions").await.is(200).json();
    assert_eq!(live["items"][0]["channel"], "stage");
    assert_eq!(live["items"][0]["id"], session.id.as_str());
    assert_eq!(live["items"][0]["state"], "live");
    assert_eq!(live["items"][0]["reason"], json!(null));
}
