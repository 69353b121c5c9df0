//! Clips: asked for, refused, followed, played, shared, renamed, tried again, deleted. Who cuts them is the test itself.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};
use sluice_backend::clock;
use sluice_backend::http::time::rfc3339;
use sluice_domain::Millis;
use sluice_domain::clip::Reason;
use sluice_objects::{ClipPart, Key, ObjectStore};
use sluice_store::clips::{Made, Order};
use sluice_store::jobs::{self, Job};
use sluice_testkit::api::Answer;
use sluice_testkit::{Api, App};

use crate::recorded::Site;
use crate::shows::publish;
use crate::socket::Socket;

const PATH: &str = "/api/v1/channels/stage/clips";

/// A site whose channel `stage` was on for twenty seconds, a minute ago.
struct Stage {
    site: Site,
    /// When it began.
    began: Millis,
}

impl Stage {
    async fn open() -> Self {
        let site = Site::open().await;
        let began = site.show(1..11, 60).await[0].started_at;
        Self { site, began }
    }

    fn app(&self) -> &App {
        &self.site.app
    }

    /// Wants what was on between two moments, in milliseconds of the show.
    fn wants(&self, from_ms: i64, to_ms: i64) -> Value {
        let at = |ms| rfc3339(self.began.plus(Millis(ms)));
        json!({"start": at(from_ms), "end": at(to_ms)})
    }

    /// The clip that somebody asks for.
    async fn asked(&self, api: &Api) -> Value {
        api.post(PATH, self.wants(3000, 8000)).await.is(202).json()
    }

    async fn due(&self) -> Option<Job> {
        due(self.app(), clock::now()).await
    }

    /// Begins to make the clip that waits longest.
    async fn begun(&self) -> (Order, Job) {
        let job = self.due().await.expect("a clip is due");
        let order: Order = serde_json::from_str(&job.payload).unwrap();
        let clips = self.app().state().store.clips();
        assert!(clips.start(&order.clip, &job, clock::now()).await.unwrap());
        (order, job)
    }

    /// Makes the clip that waits longest.
    async fn made(&self) -> Order {
        let (order, job) = self.begun().await;
        let objects = ObjectStore::local(self.app().config().objects_dir()).unwrap();
        for (part, bytes) in [(ClipPart::Film, film()), (ClipPart::Poster, b"a poster".to_vec())] {
            let file = self.app().config().data_dir.join("made");
            fs::write(&file, bytes).unwrap();
            let key = Key::clip(&order.slug, order.start_at, &order.clip, part).unwrap();
            objects.put(&key, &file).await.unwrap();
            fs::remove_file(file).unwrap();
        }
        let store = &self.app().state().store;
        let made = Made {
            actual_start_at: order.start_at,
            duration_ms: 5000,
            bytes: i64::try_from(film().len()).unwrap(),
            width: Some(1920),
            height: Some(1080),
            frame_rate_milli: Some(25_000),
        };
        assert!(
            store
                .clips()
                .ready(&order.clip, &job, &made, clock::now())
                .await
                .unwrap()
        );
        assert!(store.jobs().complete(&job).await.unwrap());
        order
    }

    /// Has the clip that waits longest come to nothing.
    async fn failed(&self, reason: Reason) {
        let (order, job) = self.begun().await;
        let store = &self.app().state().store;
        assert!(
            store
                .clips()
                .fail(&order.clip, &job, reason, clock::now())
                .await
                .unwrap()
        );
        assert!(store.jobs().fail(&job, reason.as_str(), None).await.unwrap());
    }

    fn write_index(&self) {
        let dir = &self.app().config().frontend_dir;
        fs::create_dir_all(dir).unwrap();
        let index = "<html><head><title>Sluice</title><script src=\"/a.js\"></script></head><body></body></html>";
        fs::write(dir.join("index.html"), index).unwrap();
    }
}

/// Takes the clip's job that is due longest at a moment.
async fn due(app: &App, at: Millis) -> Option<Job> {
    let jobs = app.state().store.jobs();
    let until = at.plus(Millis::from_secs(60));
    jobs.lease(&[jobs::CLIP, jobs::REMOVE_CLIP], "test", at, until)
        .await
        .unwrap()
}

/// Something that is as long as a film.
fn film() -> Vec<u8> {
    (0..100_000_u32).map(|n| b'a' + u8::try_from(n % 23).unwrap()).collect()
}

fn id(clip: &Value) -> String {
    clip["id"].as_str().unwrap().to_owned()
}

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(id).collect()
}

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
    let in_future = rfc3339(clock::now().plus(Millis(40_000)));
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
async fn a_film_is_sent_whole_or_in_pieces_and_saved_under_its_title() {
    let stage = Stage::open().await;
    let mut wanted = stage.wants(3000, 8000);
    wanted["title"] = json!("Première \"1/2\"");
    let clip = id(&stage.site.ada.post(PATH, wanted).await.is(202).json());
    let api = stage.app().api();
    let (film_path, download) = (format!("/clips/{clip}.mp4"), format!("/api/v1/clips/{clip}/download"));
    for path in [&film_path, &download] {
        api.get(path).await.is(404);
    }
    stage.made().await;
    for path in [&film_path, &download] {
        let whole = api.get(path).await.is(200);
        assert!(whole.text.as_bytes() == film());
        assert_eq!(whole.header("content-type"), "video/mp4");
        let request = api.request(Method::GET, path).header("range", "bytes=100-199");
        let piece = Answer::of(path, request.send().await.unwrap()).await.is(206);
        assert_eq!(piece.text.as_bytes(), &film()[100..200]);
        assert_eq!(piece.header("content-range"), "bytes 100-199/100000");
        let beyond = api.request(Method::GET, path).header("range", "bytes=100000-");
        assert_eq!(beyond.send().await.unwrap().status(), 416);
        let head = api.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.headers()["content-length"], "100000");
    }
    let film = api.get(&film_path).await;
    assert_eq!(film.header("cache-control"), "public, max-age=86400, immutable");
    assert_eq!(film.header("access-control-allow-origin"), "*");
    assert_eq!(film.count("content-disposition"), 0);
    let named = api.get(&download).await;
    let name = named.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"stage 20"), "{name}");
    assert!(name.contains("UTF-8''Premi%C3%A8re%201%202%20"), "{name}");
    let poster = api.get(&format!("/clips/{clip}.jpg")).await.is(200);
    assert_eq!(
        (poster.header("content-type"), poster.text.as_str()),
        ("image/jpeg", "a poster")
    );
    for nothing in [
        "/clips/x.mp4",
        "/clips/../clips.mp4",
        "/clips/0193a5f0c1d27b3e8f4a5b6c7d8e9f00.mp4",
        "/clips/x",
    ] {
        api.get(nothing).await.is(404);
    }
}

#[tokio::test]
async fn a_shared_page_tells_what_it_shows_and_no_title_leaves_its_place() {
    let stage = Stage::open().await;
    stage.write_index();
    let mut wanted = stage.wants(3000, 8000);
    wanted["title"] = json!("\"><script>alert('x')</script>&");
    let clip = id(&stage.site.ada.post(PATH, wanted).await.is(202).json());
    let api = stage.app().api();
    let page = format!("/clip/{clip}");
    let early = api.get(&page).await.is(200);
    assert!(
        early.text.contains("og:title") && !early.text.contains("og:video"),
        "{}",
        early.text
    );

    stage.made().await;
    let answer = api.get(&page).await.is(200);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert_eq!(answer.header("cache-control"), "no-cache");
    let hostile = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
    let base = stage.app().base();
    for expected in [
        format!("<title>{hostile} · Channel stage</title>"),
        format!("<meta property=\"og:title\" content=\"{hostile}\" />"),
        format!("<meta property=\"og:url\" content=\"{base}/clip/{clip}\" />"),
        format!("<meta property=\"og:image\" content=\"{base}/clips/{clip}.jpg\" />"),
        format!("<meta property=\"og:video\" content=\"{base}/clips/{clip}.mp4\" />"),
        "<meta property=\"og:video:width\" content=\"1920\" />".to_owned(),
        "<meta property=\"video:duration\" content=\"5\" />".to_owned(),
        "<meta name=\"twitter:card\" content=\"player\" />".to_owned(),
        format!("<meta name=\"twitter:player\" content=\"{base}/embed/{clip}\" />"),
        "<script src=\"/a.js\"></script>".to_owned(),
    ] {
        assert!(
            answer.text.contains(&expected),
            "{expected} is missing: {}",
            answer.text
        );
    }
    assert_eq!(answer.text.matches("<script").count(), 1, "{}", answer.text);
    assert_eq!(answer.text.matches("<title>").count(), 1);
    let none = api.get("/clip/0193a5f0c1d27b3e8f4a5b6c7d8e9f00").await.is(404);
    assert!(none.text.contains("<title>Sluice</title>"));
}

#[tokio::test]
async fn only_the_player_to_embed_stands_in_other_sites_frames() {
    let stage = Stage::open().await;
    stage.write_index();
    let clip = id(&stage.asked(&stage.site.ada).await);
    let api = stage.app().api();
    let embed = api.get(&format!("/embed/{clip}")).await.is(200);
    assert_eq!(embed.count("x-frame-options"), 0);
    let policy = embed.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors *") && policy.contains("script-src 'self'"),
        "{policy}"
    );
    assert_eq!(embed.header("x-content-type-options"), "nosniff");
    for other in [format!("/clip/{clip}"), "/".to_owned(), "/watch/stage".to_owned()] {
        let page = api.get(&other).await.is(200);
        assert_eq!(page.header("x-frame-options"), "SAMEORIGIN", "{other}");
        assert!(
            page.header("content-security-policy")
                .contains("frame-ancestors 'self'"),
            "{other}"
        );
    }
}

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
    for query in ["?clip=x", "?clip=0193a5f0c1d27b3e8f4a5b6c7d8e9f00"] {
        assert_eq!(Socket::try_open(stage.app(), query, &[]).await.err(), Some(404));
    }
    let many: Vec<String> = (0..51).map(|n| format!("clip={n:032x}")).collect();
    let many = format!("?{}", many.join("&"));
    assert_eq!(Socket::try_open(stage.app(), &many, &[]).await.err(), Some(400));
}

#[tokio::test]
async fn a_backend_that_ends_in_the_middle_leaves_the_clip_to_be_made_once() {
    let mut stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    let (order, job) = stage.begun().await;
    stage.site.app.stop();
    let url = sluice_config::ExposeSecret::expose_secret(&stage.app().config().database_url).to_owned();
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

#[tokio::test]
async fn a_channel_that_is_deleted_takes_its_clips_along() {
    let stage = Stage::open().await;
    let clip = id(&stage.asked(&stage.site.ada).await);
    stage.site.ada.delete("/api/v1/channels/stage").await.is(204);
    stage.app().api().get(&format!("/api/v1/clips/{clip}")).await.is(404);
    assert_eq!(stage.site.ada.get("/api/v1/me/clips").await.json()["items"], json!([]));
}
