//! Clips in the making: what open pages hear, and what becomes of them when somebody dies.

use serde_json::json;
use sluice_backend::clock;
use sluice_config::ExposeSecret;
use sluice_domain::Millis;
use sluice_domain::clip::Reason;
use sluice_testkit::App;

use super::{Stage, due, id};
use crate::socket::Socket;

#[tokio::test]
async fn an_open_page_follows_its_clip_until_it_is_ready() {
    let stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    let other = id(&stage.asked(&stage.site.ada).await);
    let mut page = Socket::open(stage.app(), &format!("?clip={clip}&clip={clip}"), "").await;
    let greeting = page.next().await;
    assert_eq!(greeting["type"], "clip");
    assert_eq!(
        (&greeting["clip"]["id"], &greeting["clip"]["state"]),
        (&json!(clip), &json!("queued"))
    );
    let (order, job) = stage.begun().await;
    let clips = stage.app().state().store.clips();
    assert!(clips.progress(&order.clip, &job, 420, clock::now()).await.unwrap());
    let mut event = page.next().await;
    while event["clip"]["progress"] != json!(0.42) {
        event = page.next().await;
    }
    assert_eq!(
        (&event["clip"]["id"], &event["clip"]["state"]),
        (&json!(clip), &json!("running"))
    );
    assert!(
        clips
            .fail(&order.clip, &job, Reason::TimedOut, clock::now())
            .await
            .unwrap()
    );
    let failed = page.next().await;
    assert_eq!(
        (&failed["clip"]["state"], &failed["clip"]["reason"]),
        (&json!("failed"), &json!("timed_out"))
    );

    // Tried again, it is followed again; of the other one the page hears nothing.
    stage
        .site
        .ada
        .post(&format!("/api/v1/clips/{clip}/retry"), json!({}))
        .await
        .is(202);
    stage
        .site
        .ada
        .patch(&format!("/api/v1/clips/{other}"), json!({"title": "Other"}))
        .await
        .is(200);
    while page.next().await["clip"]["state"] != "queued" {}
    for _ in 0..2 {
        stage.made().await;
    }
    let mut event = page.next().await;
    while event["clip"]["state"] != "ready" {
        assert_eq!(event["clip"]["id"], json!(clip));
        event = page.next().await;
    }
    assert!(event["clip"]["url"].as_str().unwrap().ends_with(".mp4"));
    assert_eq!(Socket::try_open(stage.app(), "?clip=x", &[]).await.err(), Some(404));
    let many: Vec<String> = (0..51).map(|n| format!("clip={n:032x}")).collect();
    let many = format!("?{}", many.join("&"));
    assert_eq!(Socket::try_open(stage.app(), &many, &[]).await.err(), Some(400));
}

#[tokio::test]
async fn an_open_page_hears_that_its_clip_is_gone_with_or_without_its_channel() {
    let stage = Stage::open().await;
    let [first, second] = [
        id(&stage.asked(&stage.site.ada).await),
        id(&stage.asked(&stage.site.ada).await),
    ];
    stage.made().await;
    let mut page = Socket::open(stage.app(), &format!("?clip={first}&clip={second}"), "").await;
    let mut other = Socket::open(stage.app(), &format!("?clip={second}"), "").await;
    let mut channel = Socket::open(stage.app(), "?channel=stage", "").await;
    let gone = |clip: &str, channel: Option<&str>| json!({"type": "clip_deleted", "channel": channel, "id": clip});
    let told = async |socket: &mut Socket| loop {
        let event = socket.next().await;
        if event["type"] == "clip_deleted" {
            return event;
        }
    };
    let path = format!("/api/v1/clips/{first}");
    stage.site.ada.delete(&path).await.is(204);
    for socket in [&mut page, &mut channel] {
        assert_eq!(told(socket).await, gone(&first, Some("stage")));
    }
    stage.site.ada.delete("/api/v1/channels/stage").await.is(204);
    assert_eq!(told(&mut page).await, gone(&second, None));
    assert_eq!(told(&mut other).await, gone(&second, None), "and nothing of the first");
    // Whoever was cut off in the meantime hears of it, too.
    let mut again = Socket::open(stage.app(), &format!("?clip={first}"), "").await;
    assert_eq!(again.next().await, gone(&first, None));
}

#[tokio::test]
async fn a_backend_that_ends_in_the_middle_leaves_the_clip_to_be_made_once() {
    let mut stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    let (order, job) = stage.begun().await;
    stage.site.app.stop();
    let url = stage.app().config().database_url.expose_secret().to_owned();
    let again = App::start_with([("DATABASE_URL", url)]).await;
    let path = format!("/api/v1/clips/{clip}");
    assert_eq!(again.api().get(&path).await.is(200).json()["state"], "running");
    assert_eq!(due(&again, clock::now()).await, None, "whoever makes it still does");
    let later = clock::now().plus(Millis::from_secs(61));
    let taken_over = due(&again, later).await.expect("nobody is heard of any more");
    assert_eq!((&taken_over.id, taken_over.attempts), (&job.id, 2));
    let clips = again.state().store.clips();
    assert!(clips.start(&order.clip, &taken_over, later).await.unwrap());
    assert!(!clips.put_back(&order.clip, &job, later).await.unwrap());
    assert_eq!(due(&again, later).await, None);
}

#[tokio::test]
async fn a_clip_whose_maker_died_for_good_is_given_up() {
    let stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    let (_, job) = stage.begun().await;
    let store = &stage.app().state().store;
    assert!(
        store
            .jobs()
            .fail(&job, "every attempt ended without a word", None)
            .await
            .unwrap()
    );
    // The backend sweeps once a minute.
    assert_eq!(store.clips().give_up_orphans(clock::now()).await.unwrap(), 1);
    let shown = stage.app().api().get(&format!("/api/v1/clips/{clip}")).await.json();
    assert_eq!(
        (&shown["state"], &shown["reason"]),
        (&json!("failed"), &json!("internal"))
    );
}
