//! Clips in lists, and who renames, retries and deletes them.

use serde_json::{Value, json};
use sluice_domain::clip::Reason;
use sluice_store::clips::Order;
use sluice_store::jobs;
use sluice_testkit::Api;

use super::{PATH, Stage, id, ids};

#[tokio::test]
async fn lists_show_others_what_is_ready_and_everybody_their_own_page_by_page() {
    let stage = Stage::open().await;
    let bob = stage.app().api().signed_up("bob").await;
    let root = stage.app().administrator().await;
    let mut all = Vec::new();
    for api in [&stage.site.ada, &bob, &bob] {
        all.insert(0, id(&stage.asked(api).await));
    }
    stage.made().await;
    let nobody = stage.app().api();
    let list = async |api: &Api, path: &str| ids(&api.get(path).await.is(200).json());
    assert_eq!(list(&nobody, PATH).await, all[2..]);
    assert_eq!(list(&bob, PATH).await, all);
    assert_eq!(list(&stage.site.ada, PATH).await, all);
    assert_eq!(list(&bob, "/api/v1/me/clips").await, all[..2]);
    assert_eq!(list(&root, "/api/v1/admin/clips").await, all);
    assert_eq!(list(&root, "/api/v1/admin/clips?q=STAGE").await, all);
    assert!(list(&root, "/api/v1/admin/clips?q=loft").await.is_empty());
    let first = bob.get(&format!("{PATH}?limit=2")).await.is(200).json();
    assert_eq!(
        (ids(&first).as_slice(), &first["next_cursor"]),
        (&all[..2], &json!(all[1]))
    );
    let second = bob
        .get(&format!("{PATH}?limit=2&cursor={}", all[1]))
        .await
        .is(200)
        .json();
    assert_eq!(
        (ids(&second).as_slice(), &second["next_cursor"]),
        (&all[2..], &Value::Null)
    );
    nobody.get(&format!("{PATH}?limit=0")).await.is(400);
    nobody.get("/api/v1/channels/nowhere/clips").await.is(404);
}

#[tokio::test]
async fn only_its_creator_the_channels_owner_and_administrators_change_a_clip() {
    let stage = Stage::open().await;
    let bob = stage.app().api().signed_up("bob").await;
    let stranger = stage.app().api().signed_up("eve").await;
    let root = stage.app().administrator().await;
    for (api, status) in [
        (&stage.app().api(), 401),
        (&stranger, 403),
        (&bob, 0),
        (&stage.site.ada, 0),
        (&root, 0),
    ] {
        let clip = stage.asked(&bob).await;
        let path = format!("/api/v1/clips/{}", id(&clip));
        let or = |usual| if status == 0 { usual } else { status };
        let busy = api.post(&format!("{path}/retry"), json!({})).await.is(or(409));
        if status == 0 {
            assert_eq!(busy.problem().code, "clip_not_failed");
        }
        stage.failed(Reason::StorageUnavailable).await;
        api.patch(&path, json!({"title": "Mine"})).await.is(or(200));
        let shown = api.get(&path).await.is(200).json();
        assert_eq!(shown["can_manage"], status == 0);
        assert_eq!(
            (&shown["state"], &shown["reason"]),
            (&json!("failed"), &json!("storage_unavailable"))
        );
        assert!(shown["reason_text"].as_str().unwrap().contains("storage"));
        api.post(&format!("{path}/retry"), json!({})).await.is(or(202));
        api.delete(&path).await.is(or(204));
        root.delete(&path).await.is(if status == 0 { 404 } else { 204 });
        while stage.due().await.is_some() {}
    }
}

#[tokio::test]
async fn a_clip_is_renamed_and_loses_its_name_again() {
    let stage = Stage::open().await;
    let path = format!("/api/v1/clips/{}", id(&stage.asked(&stage.site.ada).await));
    let title = async |body: Value| stage.site.ada.patch(&path, body).await.is(200).json()["title"].clone();
    assert_eq!(title(json!({"title": "Zugabe"})).await, "Zugabe");
    assert_eq!(title(json!({})).await, "Zugabe");
    assert_eq!(title(json!({"title": null})).await, Value::Null);
    assert_eq!(title(json!({"title": " "})).await, Value::Null);
    for bad in ["../x".to_owned(), "a".repeat(121)] {
        let refused = stage.site.ada.patch(&path, json!({"title": bad})).await.is(422);
        assert_eq!(refused.problem().fields, ["title"]);
    }
}

#[tokio::test]
async fn a_deleted_clip_is_at_no_address_any_more_and_its_files_are_left_to_a_job() {
    let stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    let order = stage.made().await;
    let (api, path) = (stage.app().api(), format!("/api/v1/clips/{clip}"));
    api.get(&format!("/clips/{clip}.mp4")).await.is(200);
    stage.site.ada.delete(&path).await.is(204);
    stage.site.ada.delete(&path).await.is(404);
    for gone in [
        path.clone(),
        format!("{path}/download"),
        format!("/clips/{clip}.mp4"),
        format!("/clips/{clip}.jpg"),
    ] {
        assert_eq!(api.get(&gone).await.is(404).problem().code, "not_found");
    }
    assert_eq!(stage.site.ada.get(PATH).await.json()["items"], json!([]));
    let job = stage.due().await.unwrap();
    assert_eq!(job.kind, jobs::REMOVE_CLIP);
    assert_eq!(serde_json::from_str::<Order>(&job.payload).unwrap(), order);
}

#[tokio::test]
async fn a_channel_that_is_deleted_takes_its_clips_along() {
    let stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    stage.site.ada.delete("/api/v1/channels/stage").await.is(204);
    stage.app().api().get(&format!("/api/v1/clips/{clip}")).await.is(404);
    assert_eq!(stage.site.ada.get("/api/v1/me/clips").await.json()["items"], json!([]));
}
