use serde_json::json;
use sluice_backend::clock;
use sluice_domain::Millis;
use sluice_store::jobs::REMOVE_OBJECTS;
use sluice_store::segments::Segment;
use sluice_store::storage::{Report, State};
use sluice_testkit::App;

fn report(reported_at: Millis) -> Report {
    Report {
        node: "edge".to_owned(),
        store: "s3://media@https://s3.example.org".to_owned(),
        state: State::Stuck,
        problem: Some("there is no such bucket".to_owned()),
        started_at: Millis(0),
        reported_at,
        disk_total_bytes: 1000,
        disk_free_bytes: 100,
        disk_high_percent: 85,
        disk_low_percent: 75,
        stored_segments: 1,
        stored_bytes: 2,
        failed_attempts: 3,
        evicted_segments: 4,
        evicted_bytes: 5,
        lost_segments: 6,
    }
}

async fn segment(app: &App, slug: &str, started_at: Millis) {
    let store = &app.state().store;
    let segment = Segment {
        channel_id: store.channels().by_slug(slug).await.unwrap().unwrap().id,
        msn: 0,
        session_id: "s1".to_owned(),
        seq: 0,
        name: "20261120-222053-00000000".to_owned(),
        started_at,
        duration_us: 2_000_000,
        bytes: 1_500_000,
        discontinuity: false,
        discontinuity_seq: 0,
        target_s: 2,
        starts_show: true,
    };
    store.segments().insert_many(&[segment]).await.unwrap();
}

#[tokio::test]
async fn an_administrator_sees_what_waits_for_how_long_and_why() {
    let app = App::start().await;
    let root = app.administrator().await;
    let empty = root.get("/api/v1/admin/storage").await.is(200).json();
    assert_eq!(
        empty,
        json!({
            "window_hours": 24, "lag_ms": null, "places": [], "nodes": [], "channels": [], "intake_problem": null,
        })
    );

    root.channel("stage").await;
    let now = clock::now();
    segment(&app, "stage", now.minus(Millis::from_secs(90))).await;
    app.state().store.storage().report(&report(now)).await.unwrap();
    let told = root.get("/api/v1/admin/storage").await.is(200).json();
    assert!((90_000..300_000).contains(&told["lag_ms"].as_i64().unwrap()), "{told}");
    assert_eq!(
        (&told["places"][0]["place"], &told["places"][0]["bytes"]),
        (&"disk".into(), &1_500_000.into())
    );
    let node = &told["nodes"][0];
    assert_eq!(
        (&node["state"], &node["problem"]),
        (&"stuck".into(), &"there is no such bucket".into())
    );
    assert_eq!(
        (&node["disk_free_bytes"], &node["evicted_segments"]),
        (&100.into(), &4.into())
    );
    let metrics = root.get("/metrics").await.is(200).text;
    for line in [
        "sluice_offload_waiting_segments 1",
        "sluice_offload_failed_attempts_total{node=\"edge\"} 3",
    ] {
        assert!(metrics.contains(line), "{line} is missing");
    }
}

#[tokio::test]
async fn an_uploader_that_says_nothing_any_more_is_told_as_silent() {
    let app = App::start().await;
    let long_ago = clock::now().minus(Millis::from_secs(60));
    app.state().store.storage().report(&report(long_ago)).await.unwrap();
    let told = app
        .administrator()
        .await
        .get("/api/v1/admin/storage")
        .await
        .is(200)
        .json();
    assert_eq!(told["nodes"][0]["state"], "silent");
}

#[tokio::test]
async fn a_deleted_channels_objects_are_left_to_the_uploader() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let before = clock::now();
    ada.delete("/api/v1/channels/stage").await.is(204);
    let later = clock::now().plus(Millis::from_secs(120));
    let jobs = app.state().store.jobs();
    assert!(
        jobs.lease(&[REMOVE_OBJECTS], "test", before, later)
            .await
            .unwrap()
            .is_none()
    );
    let job = jobs
        .lease(&[REMOVE_OBJECTS], "test", later, later)
        .await
        .unwrap()
        .unwrap();
    let payload: serde_json::Value = serde_json::from_str(&job.payload).unwrap();
    assert_eq!(payload["slug"], "stage");
    assert!(payload["deleted_at"].as_i64().unwrap() >= before.0);
}

#[tokio::test]
async fn an_administrator_sees_what_each_channel_takes_and_what_of_it_is_kept() {
    let app = App::start().await;
    let root = app.administrator().await;
    root.channel("stage").await;
    root.channel("silent").await;
    segment(&app, "stage", clock::now().minus(Millis::from_secs(90))).await;
    let kept = json!({"kept": true});
    root.patch("/api/v1/channels/stage/shows/0", kept).await.is(200);
    let told = root.get("/api/v1/admin/storage").await.is(200).json();
    let stage = json!({
        "slug": "stage", "title": "Channel stage", "segments": 1,
        "disk_bytes": 1_500_000, "stored_bytes": 0, "kept_bytes": 1_500_000,
    });
    assert_eq!(told["channels"], json!([stage]));
}
