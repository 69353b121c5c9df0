//! Clips that are asked for, and those that are refused.

use serde_json::json;
use sluice_backend::clock;
use sluice_backend::http::time::rfc3339;
use sluice_domain::Millis;
use sluice_domain::clip::Reason;

use super::{PATH, Stage, due, film, id, ids};
use crate::recorded::Site;
use crate::shows::publish;

#[tokio::test]
async fn a_clip_is_asked_for_made_and_shown_with_all_that_is_known_of_it() {
    let stage = Stage::open().await;
    let mut wanted = stage.wants(3000, 8000);
    wanted["title"] = json!("  The drop ");
    wanted["mode"] = json!("fast");
    let answer = stage.site.ada.post(PATH, wanted.clone()).await.is(202);
    let asked = answer.json();
    let id = id(&asked);
    assert_eq!(answer.header("location"), format!("/api/v1/clips/{id}"));
    let base = stage.app().base();
    let me = stage.site.ada.get("/api/v1/me").await.json();
    let mut expected = json!({
        "id": id, "channel": {"slug": "stage", "title": "Channel stage"}, "title": "The drop", "state": "queued",
        "progress": 0.0, "mode": "fast", "start": wanted["start"], "end": wanted["end"], "actual_start": null,
        "duration_ms": null, "bytes": null, "width": null, "height": null, "frame_rate": null, "url": null,
        "poster": null, "page": format!("{base}/clip/{id}"), "embed": format!("{base}/embed/{id}"),
        "download": null, "creator": {"id": me["id"], "display_name": "ada"}, "created_at": asked["created_at"],
        "ready_at": null, "reason": null, "reason_text": null, "can_manage": true,
    });
    assert_eq!(asked, expected);

    stage.made().await;
    let ready = stage
        .app()
        .api()
        .get(&format!("/api/v1/clips/{id}"))
        .await
        .is(200)
        .json();
    for (field, value) in [
        ("state", json!("ready")),
        ("progress", json!(1.0)),
        ("actual_start", wanted["start"].clone()),
        ("duration_ms", json!(5000)),
        ("bytes", json!(film().len())),
        ("width", json!(1920)),
        ("height", json!(1080)),
        ("frame_rate", json!(25.0)),
        ("url", json!(format!("{base}/clips/{id}.mp4"))),
        ("poster", json!(format!("{base}/clips/{id}.jpg"))),
        ("download", json!(format!("/api/v1/clips/{id}/download"))),
        ("ready_at", ready["ready_at"].clone()),
        ("can_manage", json!(false)),
    ] {
        expected[field] = value;
    }
    assert!(ready["ready_at"].is_string());
    assert_eq!(ready, expected);
}

#[tokio::test]
async fn what_cannot_be_a_clip_is_refused_with_its_reason_and_makes_nothing() {
    let stage = Stage::open().await;
    let at = |ms: i64| rfc3339(stage.began.plus(Millis(ms)));
    let body = |start: &str, end: &str| json!({"start": start, "end": end});
    let titled = |title: &str| json!({"start": at(3000), "end": at(8000), "title": title});
    let without_zone = at(3000).replace('Z', "");
    let in_future = rfc3339(clock::now().plus(Millis(120_000)));
    for (wanted, status, code, fields) in [
        (body(&at(8000), &at(3000)), 422, "validation_failed", vec!["end"]),
        (body(&at(3000), &at(3000)), 422, "validation_failed", vec!["end"]),
        (
            body("2025-11-21T00:00:00Z", "2026-11-21T00:00:00Z"),
            422,
            "validation_failed",
            vec!["end"],
        ),
        (body(&at(0), &at(180_001)), 422, "validation_failed", vec!["end"]),
        (body(&without_zone, &at(8000)), 422, "validation_failed", vec!["start"]),
        (body(&at(1000), &without_zone), 422, "validation_failed", vec!["end"]),
        (
            body("yesterday", "20261121"),
            422,
            "validation_failed",
            vec!["start", "end"],
        ),
        (titled(&"a".repeat(10_000)), 422, "validation_failed", vec!["title"]),
        (titled("../../etc/passwd"), 422, "validation_failed", vec!["title"]),
        (titled("/etc/passwd"), 422, "validation_failed", vec!["title"]),
        (titled("a\u{0}b\u{1b}[2J"), 422, "validation_failed", vec!["title"]),
        (
            json!({"start": at(1), "end": at(2), "mode": "slow"}),
            422,
            "validation_failed",
            vec!["mode"],
        ),
        (json!({"start": at(1)}), 400, "invalid_request", vec![]),
        (json!({"start": 1, "end": 2}), 400, "invalid_request", vec![]),
        (body(&at(-9000), &at(-4000)), 404, "no_segments_in_range", vec![]),
        (
            body("1999-01-01T00:00:00Z", "1999-01-01T00:00:10Z"),
            404,
            "no_segments_in_range",
            vec![],
        ),
        (body(&at(8000), &in_future), 422, "clip_in_future", vec![]),
    ] {
        let problem = stage.site.ada.post(PATH, wanted.clone()).await.is(status).problem();
        assert_eq!(
            (problem.code.as_str(), problem.fields),
            (code, fields.into_iter().map(ToOwned::to_owned).collect()),
            "{wanted}"
        );
        assert!(!problem.detail.is_empty());
    }
    for slug in ["nowhere", "..", "%2e%2e%2fetc"] {
        let path = format!("/api/v1/channels/{slug}/clips");
        stage.site.ada.post(&path, stage.wants(3000, 8000)).await.is(404);
    }
    let private = json!({"access": "unlisted", "clips": "owner"});
    stage.site.ada.patch("/api/v1/channels/stage", private).await.is(200);
    for (api, status, code) in [
        (stage.app().api(), 401, "authentication_required"),
        (stage.app().api().signed_up("bob").await, 403, "clips_not_allowed"),
    ] {
        // Nor is anything told of what was recorded there.
        for wanted in [stage.wants(3000, 8000), stage.wants(-9000, -4000)] {
            assert_eq!(api.post(PATH, wanted).await.is(status).problem().code, code);
        }
    }
    let list = stage.site.ada.get(PATH).await.is(200).json();
    assert_eq!(list["items"], json!([]));
    assert_eq!(stage.due().await, None);
}

#[tokio::test]
async fn what_the_window_has_passed_over_is_gone_unless_its_show_is_kept() {
    let site = Site::open().await;
    let began = site.show(1..11, 26 * 3600).await[0].started_at;
    let stage = Stage { site, began };
    let wanted = stage.wants(3000, 8000);
    let gone = stage.site.ada.post(PATH, wanted.clone()).await.is(404).problem();
    assert_eq!(gone.code, "no_segments_in_range");
    let store = &stage.app().state().store;
    let channel = store.channels().by_slug("stage").await.unwrap().unwrap();
    let show = store.recordings().find(&channel.id, 1).await.unwrap().unwrap();
    store.recordings().set_kept(&show, Some(clock::now())).await.unwrap();
    stage.site.ada.post(PATH, wanted).await.is(202);
}

#[tokio::test]
async fn who_may_cut_is_as_the_channels_owner_says() {
    let stage = Stage::open().await;
    let bob = stage.app().api().signed_up("bob").await;
    let callers = [
        stage.app().api(),
        bob,
        stage.app().administrator().await,
        stage.site.ada.clone(),
    ];
    for (policy, statuses, codes) in [
        (
            "owner",
            [401, 403, 202, 202],
            ["authentication_required", "clips_not_allowed", "", ""],
        ),
        (
            "signed_in",
            [401, 202, 202, 202],
            ["authentication_required", "", "", ""],
        ),
        ("everyone", [202, 202, 202, 202], ["", "", "", ""]),
    ] {
        let patched = stage
            .site
            .ada
            .patch("/api/v1/channels/stage", json!({"clips": policy}))
            .await
            .is(200)
            .json();
        assert_eq!(
            (&patched["clips"], &patched["can_clip"]),
            (&json!(policy), &json!(true))
        );
        for ((caller, status), code) in callers.iter().zip(statuses).zip(codes) {
            assert_eq!(caller.show("stage").await["can_clip"], status == 202);
            let answer = caller.post(PATH, stage.wants(3000, 8000)).await.is(status);
            if status != 202 {
                assert_eq!(answer.problem().code, code, "{policy}");
            }
        }
        while stage.due().await.is_some() {}
        for clip in ids(&stage.site.ada.get(PATH).await.json()) {
            stage.site.ada.delete(&format!("/api/v1/clips/{clip}")).await.is(204);
        }
    }
    let bad = stage
        .site
        .ada
        .patch("/api/v1/channels/stage", json!({"clips": "nobody"}))
        .await
        .is(422);
    assert_eq!(bad.problem().fields, ["clips"]);
}

#[tokio::test]
async fn who_may_not_rewind_clips_what_was_live_a_moment_ago_and_nothing_older() {
    let site = Site::open().await;
    let old = site.show(1..11, 600).await[0].started_at;
    let fresh = site.show(11..21, 60).await[0].started_at;
    site.ada
        .patch("/api/v1/channels/stage", json!({"dvr": "nobody"}))
        .await
        .is(200);
    let bob = site.app.api().signed_up("bob").await;
    let wants =
        |began: Millis| json!({"start": rfc3339(began.plus(Millis(3000))), "end": rfc3339(began.plus(Millis(8000)))});
    let refused = bob.post(PATH, wants(old)).await.is(403).problem();
    assert_eq!(refused.code, "dvr_not_allowed");
    bob.post(PATH, wants(fresh)).await.is(202);
    site.ada.post(PATH, wants(old)).await.is(202);
}

#[tokio::test]
async fn a_clip_waits_for_the_live_edge_for_half_a_minute_at_most() {
    let stage = Stage::open().await;
    let key = stage.site.ada.key("stage").await;
    publish(stage.app(), &key.key, 1).await.unwrap();
    let now = clock::now();
    let wants = |end_ms| json!({"start": rfc3339(now.minus(Millis(5000))), "end": rfc3339(now.plus(Millis(end_ms)))});
    let refused = stage.site.ada.post(PATH, wants(60_000)).await.is(422).problem();
    assert_eq!(refused.code, "clip_in_future");
    stage.site.ada.post(PATH, wants(25_000)).await.is(202);
    assert_eq!(due(stage.app(), now.plus(Millis(24_999))).await, None);
    assert!(due(stage.app(), now.plus(Millis(25_000))).await.is_some());
}

#[tokio::test]
async fn three_clips_of_a_person_and_ten_of_a_channel_are_made_at_a_time() {
    let stage = Stage::open().await;
    for _ in 0..3 {
        stage.asked(&stage.site.ada).await;
    }
    let fourth = stage
        .site
        .ada
        .post(PATH, stage.wants(3000, 8000))
        .await
        .is(409)
        .problem();
    assert_eq!(fourth.code, "too_many_clips");
    for (name, clips) in [("bob", 3), ("cleo", 3), ("dan", 1)] {
        let api = stage.app().api().signed_up(name).await;
        for _ in 0..clips {
            stage.asked(&api).await;
        }
    }
    let eve = stage.app().api().signed_up("eve").await;
    assert_eq!(
        eve.post(PATH, stage.wants(3000, 8000)).await.is(409).problem().code,
        "too_many_clips"
    );
    stage.made().await;
    stage.asked(&eve).await;
}

#[tokio::test]
async fn a_clip_that_is_tried_again_counts_as_one_that_is_made() {
    let stage = Stage::open().await;
    let ada = &stage.site.ada;
    let failed = id(&stage.asked(ada).await);
    stage.failed(Reason::TimedOut).await;
    let retry = format!("/api/v1/clips/{failed}/retry");
    for _ in 0..3 {
        stage.asked(ada).await;
    }
    // Whoever tries it again, it is the clip of the one who asked for it.
    for api in [ada, &stage.app().administrator().await] {
        let refused = api.post(&retry, json!({})).await.is(409).problem();
        assert_eq!(refused.code, "too_many_clips");
    }
    let shown = ada.get(&format!("/api/v1/clips/{failed}")).await.json();
    assert_eq!(
        (&shown["state"], &shown["reason"]),
        (&json!("failed"), &json!("timed_out"))
    );
    stage.made().await;
    ada.post(&retry, json!({})).await.is(202);
    let full = ada.post(PATH, stage.wants(3000, 8000)).await.is(409).problem();
    assert_eq!(full.code, "too_many_clips");
}

#[tokio::test]
async fn who_asks_for_clips_without_end_is_told_when_to_come_back() {
    let stage = Stage::open().await;
    let (mut taken, mut answer) = (0, stage.site.ada.post(PATH, stage.wants(3000, 8000)).await);
    while answer.status == 202 {
        taken += 1;
        assert!(taken < 60);
        stage
            .site
            .ada
            .delete(&format!("/api/v1/clips/{}", id(&answer.json())))
            .await
            .is(204);
        answer = stage.site.ada.post(PATH, stage.wants(3000, 8000)).await;
    }
    assert!(taken >= 30, "{taken}");
    let answer = answer.is(429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    // Mistakes cost nothing, and others are not kept out.
    stage.site.ada.post(PATH, stage.wants(8000, 3000)).await.is(422);
    stage.asked(&stage.app().administrator().await).await;
}
