//! Who may rewind a channel, and how far.

use std::time::Duration;

use serde_json::{Value, json};
use sluice_testkit::{Api, App, wait_for};

use crate::past::record;

const PROGRAM: &str = "a-secret-for-programs-0123456789";

async fn site() -> (App, Api) {
    let app = App::start_with([("DVR_BYPASS_TOKEN", PROGRAM), ("DVR_WINDOW_HOURS", "12")]).await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    (app, ada)
}

async fn dvr_of(api: &Api) -> Value {
    api.show("stage").await["playback"]["dvr"].clone()
}

#[tokio::test]
async fn an_owner_says_who_may_rewind_and_each_is_told_their_own_address() {
    let (app, ada) = site().await;
    let (bob, root) = (app.api().signed_up("bob").await, app.administrator().await);
    let program = app.api().with_token(PROGRAM);
    let plain = format!("{}/live/stage/dvr.m3u8", app.base());
    let token = |address: &Value| {
        let address = address.as_str().unwrap().to_owned();
        let rest = address.strip_prefix(&format!("{}/live/~", app.base())).unwrap();
        assert_eq!(rest.split_once('/').unwrap().1, "stage/dvr.m3u8");
        rest.split_once('/').unwrap().0.to_owned()
    };
    for api in [&app.api(), &bob, &ada, &root, &program] {
        assert_eq!(dvr_of(api).await, plain);
    }

    let signed_in = ada.patch("/api/v1/channels/stage", json!({"dvr": "signed_in"})).await;
    assert_eq!(signed_in.is(200).json()["dvr"], "signed_in");
    assert_eq!(dvr_of(&app.api()).await, Value::Null);
    assert_eq!(dvr_of(&program).await, plain);
    let (of_bob, of_ada) = (token(&dvr_of(&bob).await), token(&dvr_of(&ada).await));
    assert_ne!(of_bob, of_ada);
    assert_eq!(token(&dvr_of(&root).await), of_ada, "a token names nobody");

    ada.patch("/api/v1/channels/stage", json!({"dvr": "nobody"}))
        .await
        .is(200);
    for api in [&app.api(), &bob] {
        assert_eq!(dvr_of(api).await, Value::Null);
    }
    token(&dvr_of(&ada).await);
    token(&dvr_of(&root).await);
}

#[tokio::test]
async fn the_past_of_a_channel_that_another_process_has_deleted_opens_to_nobody() {
    let (app, ada) = site().await;
    let id = record(&app, &[]).await;
    ada.patch("/api/v1/channels/stage", json!({"dvr": "nobody"}))
        .await
        .is(200);
    let code = async || app.api().get("/live/stage/dvr.m3u8").await.problem().code;
    assert_eq!(code().await, "dvr_not_allowed");
    app.state().store.channels().delete(&id).await.unwrap();
    let code = wait_for(Duration::from_secs(30), "it is heard of", async || {
        Some(code().await).filter(|code| code != "dvr_not_allowed")
    })
    .await;
    assert_eq!(code, "not_found");
}

#[tokio::test]
async fn a_channel_has_the_sites_window_or_one_of_its_own() {
    let (app, ada) = site().await;
    assert_eq!(app.api().get("/api/v1/site").await.json()["dvr_window_hours"], 12);
    let change = async |body: Value| ada.patch("/api/v1/channels/stage", body).await;
    let hours = change(json!({"dvr_window_hours": 48})).await.is(200).json();
    assert_eq!(hours["dvr_window_hours"], 48);
    let untouched = change(json!({"title": "Stage"})).await.is(200).json();
    assert_eq!(untouched["dvr_window_hours"], 48);
    let again = change(json!({"dvr_window_hours": null})).await.is(200).json();
    assert_eq!(again["dvr_window_hours"], Value::Null);
    for bad in [0, 169, -1, i64::MAX] {
        let refused = change(json!({"dvr_window_hours": bad, "dvr": "some"})).await.is(422);
        assert_eq!(refused.problem().fields, ["dvr", "dvr_window_hours"]);
    }
    for odd in [json!("24"), json!(1.5), json!(true)] {
        let refused = change(json!({"dvr_window_hours": odd})).await.is(400);
        assert_eq!(refused.problem().code, "invalid_request");
    }
}
