//! A channel's shows: found, named, kept, downloaded and deleted.

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};
use sluice_backend::clock;
use sluice_domain::Millis;
use sluice_hls::timeline;
use sluice_store::segments::Segment;
use sluice_testkit::{Api, App, wait_for};

use crate::growing::{BOUND, Show};

const HOUR: i64 = 3600;
const PROGRAM: &str = "a-secret-for-programs-0123456789";

/// A site with a channel `stage`, of which every show is over.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) ada: Api,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let app = App::start_with([("DVR_BYPASS_TOKEN", PROGRAM)]).await;
        let ada = app.api().signed_up("ada").await;
        ada.channel("stage").await;
        Self { app, ada }
    }

    /// A show of two-second segments that began so long ago; `silent` seconds are between its sessions.
    pub(crate) async fn show(&self, numbers: std::ops::Range<i64>, age_s: i64) -> Vec<Segment> {
        self.sessions(&[numbers], age_s, 0).await
    }

    async fn sessions(&self, sessions: &[std::ops::Range<i64>], age_s: i64, silent_s: i64) -> Vec<Segment> {
        let store = &self.app.state().store;
        let channel_id = store.channels().by_slug("stage").await.unwrap().unwrap().id;
        let mut at = clock::now().minus(Millis::from_secs(age_s));
        let mut rows = Vec::new();
        for numbers in sessions {
            for msn in numbers.clone() {
                let name = timeline::name(at.0, msn.unsigned_abs());
                rows.push(Segment {
                    channel_id: channel_id.clone(),
                    msn,
                    session_id: format!("s{}", numbers.start),
                    seq: msn,
                    started_at: at,
                    duration_us: 2_000_000,
                    bytes: i64::try_from(media(msn).len()).unwrap(),
                    discontinuity: msn == numbers.start,
                    discontinuity_seq: 1,
                    target_s: 2,
                    starts_show: msn == sessions[0].start,
                    name,
                });
                at = at.plus(Millis(2_000));
            }
            at = at.plus(Millis::from_secs(silent_s));
        }
        for row in &rows {
            let file = self.file(row);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, media(row.msn)).unwrap();
        }
        store.segments().insert_many(&rows).await.unwrap();
        rows
    }

    pub(crate) fn file(&self, row: &Segment) -> PathBuf {
        let archive = self.app.config().archive_dir();
        archive
            .join("stage")
            .join(&row.name[..8])
            .join(format!("{}.ts", row.name))
    }

    pub(crate) async fn shows(&self, query: &str) -> Value {
        let path = format!("/api/v1/channels/stage/shows{query}");
        self.app.api().get(&path).await.is(200).json()
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        ids(&self.shows(query).await)
    }

    async fn change(&self, id: &str, body: Value) -> Value {
        let path = format!("/api/v1/channels/stage/shows/{id}");
        self.ada.patch(&path, body).await.is(200).json()
    }
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|show| show["id"].as_str().unwrap().to_owned()).collect()
}

/// The bytes of a segment: as many as its number makes them.
pub(crate) fn media(msn: i64) -> Vec<u8> {
    let length = 70_000 + usize::try_from(msn).unwrap() * 188;
    msn.to_le_bytes().iter().copied().cycle().take(length).collect()
}

fn moment(at: Millis) -> String {
    sluice_backend::http::time::rfc3339(at)
}

#[tokio::test]
async fn a_show_tells_when_it_was_how_large_it_is_and_where_it_is_empty() {
    let site = Site::open().await;
    let rows = site.sessions(&[1..4, 4..6], HOUR, 12).await;
    let bytes: i64 = rows.iter().map(|row| row.bytes).sum();
    let offload = site.app.state().store.offload();
    let id = &rows[0].channel_id;
    assert!(offload.stored(id, 1, "00", clock::now()).await.unwrap());
    let page = site.shows("").await;
    assert_eq!(page["next_cursor"], Value::Null);
    let (began, silent) = (rows[0].started_at, rows[3].started_at);
    let ended = rows[4].started_at.plus(Millis(2_000));
    let expected = json!({
        "id": "1", "title": null, "live": false, "kept": false, "can_manage": false, "sessions": 2,
        "started_at": moment(began), "ended_at": moment(ended),
        "expires_at": moment(ended.plus(Millis::from_secs(24 * HOUR + 120))),
        "duration_ms": 10_000, "bytes": bytes, "disk_bytes": bytes, "stored_bytes": rows[0].bytes,
        "gaps": [{"from": moment(silent.minus(Millis(12_000))), "to": moment(silent)}],
        "playback": {"hls": format!("{}/live/stage/shows/1.m3u8", site.app.base())},
        "download": "/api/v1/channels/stage/shows/1/download", "poster": null,
    });
    assert_eq!(page["items"][0], expected);
    let own = site.ada.get("/api/v1/channels/stage/shows").await.is(200).json();
    assert_eq!(own["items"][0]["can_manage"], true);
}

#[tokio::test]
async fn shows_are_found_by_day_and_page_by_page_newest_first() {
    let site = Site::open().await;
    let mut begins = Vec::new();
    for show in 0..5 {
        let rows = site.show(show * 10 + 1..show * 10 + 11, (10 - show) * HOUR).await;
        begins.push(rows[0].started_at);
    }
    assert_eq!(site.ids("").await, ["41", "31", "21", "11", "1"]);
    let first = site.shows("?limit=2").await;
    assert_eq!(
        (ids(&first), &first["next_cursor"]),
        (vec!["41".into(), "31".into()], &json!("31"))
    );
    let second = site.shows("?limit=2&cursor=31").await;
    assert_eq!(
        (ids(&second), &second["next_cursor"]),
        (vec!["21".into(), "11".into()], &json!("11"))
    );
    let last = site.shows("?limit=2&cursor=11").await;
    assert_eq!((ids(&last), &last["next_cursor"]), (vec!["1".into()], &Value::Null));
    // From within the second show to the beginning of the fourth.
    let query = |from: Millis, to: Millis| format!("?from={}&to={}", moment(from), moment(to));
    let within = begins[1].plus(Millis(19_000));
    assert_eq!(site.ids(&query(within, begins[3])).await, ["21", "11"]);
    let behind = begins[1].plus(Millis(20_000));
    assert_eq!(site.ids(&query(behind, begins[3].plus(Millis(1)))).await, ["31", "21"]);
    assert!(site.ids(&query(behind, begins[2])).await.is_empty());
    assert_eq!(site.ids("?to=2026-01-01T00:00:00%2B01:00").await, Vec::<String>::new());
    for bad in [
        "?from=yesterday",
        "?to=2026-01-01",
        "?limit=0",
        "?cursor=x",
        "?limit=2&cursor=-1",
    ] {
        let path = format!("/api/v1/channels/stage/shows{bad}");
        assert_eq!(
            site.app.api().get(&path).await.is(400).problem().code,
            "invalid_request"
        );
    }
}

#[tokio::test]
async fn shows_are_for_those_who_may_rewind_and_their_addresses_carry_the_readers_token() {
    let site = Site::open().await;
    site.show(1..4, HOUR).await;
    site.ada
        .patch("/api/v1/channels/stage", json!({"dvr": "signed_in"}))
        .await
        .is(200);
    for path in [
        "/api/v1/channels/stage/shows",
        "/api/v1/channels/stage/shows/1/download",
    ] {
        let refused = site.app.api().get(path).await.is(403);
        assert_eq!(refused.problem().code, "dvr_not_allowed");
    }
    let bob = site.app.api().signed_up("bob").await;
    let page = bob.get("/api/v1/channels/stage/shows").await.is(200).json();
    let hls = page["items"][0]["playback"]["hls"].as_str().unwrap();
    assert!(hls.contains("/live/~") && hls.ends_with("/stage/shows/1.m3u8"), "{hls}");
    bob.get("/api/v1/channels/stage/shows/1/download").await.is(200);
    site.app.api().get("/api/v1/channels/nowhere/shows").await.is(404);
}

#[tokio::test]
async fn a_show_is_played_from_a_closed_playlist() {
    let site = Site::open().await;
    let rows = site.show(1..4, HOUR).await;
    let api = site.app.api();
    let list = api.get("/live/stage/shows/1.m3u8").await.is(200);
    assert_eq!(list.header("content-type"), "application/vnd.apple.mpegurl");
    assert!(list.text.contains("#EXT-X-PLAYLIST-TYPE:VOD\n") && list.text.ends_with("#EXT-X-ENDLIST\n"));
    for row in &rows {
        assert!(
            list.text.contains(&format!("\n../segments/{}.ts\n", row.name)),
            "{}",
            list.text
        );
        api.get(&format!("/live/stage/segments/{}.ts", row.name)).await.is(200);
    }
    for missing in ["2", "01", "x", "-1"] {
        api.get(&format!("/live/stage/shows/{missing}.m3u8")).await.is(404);
    }
}

#[tokio::test]
async fn a_policy_holds_at_once_and_a_token_opens_what_it_was_given_for() {
    let site = Site::open().await;
    let rows = site.show(1..4, HOUR).await;
    let api = site.app.api();
    site.ada.channel("loft").await;
    let policy = async |dvr: &str| {
        for slug in ["stage", "loft"] {
            let path = format!("/api/v1/channels/{slug}");
            site.ada.patch(&path, json!({"dvr": dvr})).await.is(200);
        }
    };
    let address = async |api: &Api| {
        let page = api.get("/api/v1/channels/stage/shows").await.is(200).json();
        page["items"][0]["playback"]["hls"].as_str().unwrap().to_owned()
    };
    let plain = address(&api).await;
    api.get(&plain).await.is(200);
    policy("signed_in").await;
    let refused = api.get(&plain).await.is(403);
    assert_eq!(refused.problem().code, "dvr_not_allowed");
    let bob = site.app.api().signed_up("bob").await;
    let (of_bob, of_ada) = (address(&bob).await, address(&site.ada).await);
    // Whoever has the address has the right, and a login without it has not: players send no cookie.
    api.get(&of_bob).await.is(200);
    bob.get(&plain).await.is(403);
    let segment = of_bob.replace("shows/1.m3u8", &format!("segments/{}.ts", rows[0].name));
    api.get(&segment).await.is(200);
    api.get(&of_bob.replace("/~", "/%7E")).await.is(200);
    for forged in [
        of_bob.replace("/~", "/~A"),
        of_bob.replace("/stage/", "/loft/"),
        plain.replace("/stage", "/~/stage"),
    ] {
        assert_eq!(
            api.get(&forged).await.is(403).problem().code,
            "dvr_not_allowed",
            "{forged}"
        );
    }
    let program = api.with_token(PROGRAM);
    program.get(&plain).await.is(200);
    assert_eq!(address(&program).await, plain);
    api.with_token(format!("{PROGRAM}x")).get(&plain).await.is(403);

    policy("nobody").await;
    for closed in [&plain, &of_bob] {
        api.get(closed).await.is(403);
    }
    api.get(&of_ada).await.is(200);
    program.get(&plain).await.is(200);
    policy("everyone").await;
    api.get(&plain).await.is(200);
}

#[tokio::test]
async fn an_owner_names_and_keeps_a_show_beyond_the_window() {
    let site = Site::open().await;
    site.show(1..4, 40 * HOUR).await;
    site.show(4..7, 30 * HOUR).await;
    site.show(7..10, 2 * HOUR).await;
    assert_eq!(site.ids("").await, ["7"]);
    // What the window has passed over is gone, also where the uploader has not been yet.
    let gone = site
        .ada
        .patch("/api/v1/channels/stage/shows/4", json!({"kept": true}))
        .await;
    gone.is(404);
    site.ada
        .patch("/api/v1/channels/stage", json!({"dvr_window_hours": 36}))
        .await
        .is(200);
    assert_eq!(site.ids("").await, ["7", "4"]);
    let kept = site
        .change("4", json!({"kept": true, "title": " Opening night "}))
        .await;
    assert_eq!((&kept["kept"], &kept["title"]), (&json!(true), &json!("Opening night")));
    assert_eq!(kept["expires_at"], Value::Null);
    site.ada
        .patch("/api/v1/channels/stage", json!({"dvr_window_hours": 1}))
        .await
        .is(200);
    assert_eq!(site.ids("").await, ["4"]);

    let renamed = site.change("4", json!({"title": null})).await;
    assert_eq!((&renamed["kept"], &renamed["title"]), (&json!(true), &Value::Null));
    for bad in [json!(""), json!("x".repeat(121)), json!("a\nb")] {
        let path = "/api/v1/channels/stage/shows/4";
        let refused = site.ada.patch(path, json!({"title": bad})).await.is(422);
        assert_eq!(refused.problem().fields, ["title"]);
    }
    let let_go = site.change("4", json!({"kept": false})).await;
    assert_eq!(let_go["kept"], false);
    assert!(site.ids("").await.is_empty());
}

#[tokio::test]
async fn a_deleted_show_is_gone_at_once_and_the_uploader_is_left_the_rest() {
    let site = Site::open().await;
    site.show(1..4, 2 * HOUR).await;
    let newest = site.show(4..7, HOUR).await;
    let live = || async { site.app.api().get("/live/stage/live.m3u8").await };
    assert!(live().await.is(200).text.contains(&newest[0].name));
    for (id, left) in [("4", vec!["1"]), ("1", vec![])] {
        let path = format!("/api/v1/channels/stage/shows/{id}");
        site.ada.delete(&path).await.is(204);
        assert_eq!(site.ids("").await, left);
        site.ada.delete(&path).await.is(404);
        site.ada.patch(&path, json!({"kept": true})).await.is(404);
        site.app.api().get(&format!("{path}/download")).await.is(404);
    }
    live().await.is(404);
    let expired = site.app.state().store.segments().expired(|_| Millis(0), 100).await;
    let expired: Vec<i64> = expired.unwrap().into_iter().map(|segment| segment.msn).collect();
    assert_eq!(expired, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_deleted_show_stays_gone_when_the_uploader_has_removed_it() {
    let site = Site::open().await;
    site.show(1..4, 3 * HOUR).await;
    let deleted = site.show(4..7, 2 * HOUR).await;
    let newest = site.show(7..10, HOUR).await;
    let (api, store) = (site.app.api(), &site.app.state().store);
    let window = async || api.get("/live/stage/dvr.m3u8").await.is(200).text;
    let has_gaps = async |count: usize| {
        let window = async || Some(window().await).filter(|text| text.matches("#EXT-X-GAP\n").count() == count);
        wait_for(BOUND, "a playlist with so many gaps", window).await
    };
    has_gaps(0).await;
    site.ada.delete("/api/v1/channels/stage/shows/4").await.is(204);
    has_gaps(3).await;
    api.get("/live/stage/shows/4.m3u8").await.is(404);
    let stretch = "/live/stage/timeshift.m3u8?offset_sec=7300&duration=600";
    assert_eq!(api.get(stretch).await.is(404).problem().code, "no_segments_in_range");
    // Each time that another segment is lost, the playlist has learnt of all that has changed before.
    let loses = async |row: &Segment, gaps| {
        assert!(store.offload().lost(&row.channel_id, row.msn).await.unwrap());
        has_gaps(gaps).await
    };
    loses(&newest[0], 4).await;
    let rows: Vec<_> = deleted.iter().map(|row| (row.channel_id.as_str(), row.msn)).collect();
    store.segments().delete(&rows).await.unwrap();
    store.recordings().sweep().await.unwrap();
    loses(&newest[1], 5).await;
    assert_eq!(api.get(stretch).await.is(404).problem().code, "no_segments_in_range");
}

#[tokio::test]
async fn a_show_that_is_on_air_is_listed_and_kept_but_neither_deleted_nor_downloaded() {
    let mut show = Show::watched(120).await;
    show.writes(60);
    show.closes_segment();
    let path = "/api/v1/channels/stage/shows";
    let item = sluice_testkit::wait_for(crate::growing::BOUND, "the show is listed", async || {
        let page = show.owner.get(path).await.is(200).json();
        page["items"].get(0).cloned()
    })
    .await;
    assert_eq!((&item["live"], &item["ended_at"]), (&json!(true), &Value::Null));
    for nothing in ["playback", "download", "expires_at"] {
        assert_eq!(item[nothing], Value::Null, "{nothing}");
    }
    let path = format!("{path}/{}", item["id"].as_str().unwrap());
    let kept = show.owner.patch(&path, json!({"kept": true})).await.is(200).json();
    assert_eq!(kept["kept"], true);
    assert_eq!(show.owner.delete(&path).await.is(409).problem().code, "show_on_air");
    let list = format!("/live/stage/shows/{}.m3u8", item["id"].as_str().unwrap());
    assert_eq!(show.owner.get(&list).await.is(404).problem().code, "show_on_air");
    let download = show.owner.get(&format!("{path}/download")).await;
    assert_eq!(download.is(409).problem().code, "show_on_air");
    show.ends().await;
    sluice_testkit::wait_for(crate::growing::BOUND, "the show is over", async || {
        let over = show.owner.get("/api/v1/channels/stage/shows").await.json();
        (over["items"][0]["live"] == false).then_some(())
    })
    .await;
    show.owner.delete(&path).await.is(204);
    show.owner.get("/live/stage/live.m3u8").await.is(404);
}

struct File {
    status: u16,
    headers: reqwest::header::HeaderMap,
    bytes: Vec<u8>,
}

impl File {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn download(api: &Api, method: Method, headers: &[(&str, &str)]) -> File {
    let request = api.request(method, "/api/v1/channels/stage/shows/1/download");
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.unwrap();
    File {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        bytes: answer.bytes().await.unwrap().to_vec(),
    }
}

#[tokio::test]
async fn a_show_is_downloaded_as_one_file_or_in_pieces() {
    let site = Site::open().await;
    // More than a page of the index.
    let rows = site.show(1..301, 2 * HOUR).await;
    site.show(301..303, HOUR).await;
    site.change("1", json!({"title": "Première / 1"})).await;
    let whole: Vec<u8> = rows.iter().flat_map(|row| media(row.msn)).collect();
    let api = site.app.api();
    let all = download(&api, Method::GET, &[]).await;
    assert_eq!((all.status, all.header("content-type")), (200, "video/mp2t"));
    assert!(all.bytes == whole, "not the show's bytes");
    assert_eq!(all.header("content-length"), whole.len().to_string());
    assert_eq!(all.header("accept-ranges"), "bytes");
    let name = all.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"stage 20"), "{name}");
    assert!(name.contains("filename*=UTF-8''Premi%C3%A8re%201%20"), "{name}");

    let head = download(&api, Method::HEAD, &[]).await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, all.header("content-length"))
    );
    let total = whole.len();
    let first = media(1).len();
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=69990-70300", 69_990..70_301),
        ("bytes=-100", total - 100..total),
        (&format!("bytes={first}-"), first..total),
        ("bytes=20000000-20100000", 20_000_000..20_100_001),
    ] {
        let piece = download(&api, Method::GET, &[("range", range), ("if-range", all.header("etag"))]).await;
        assert_eq!(piece.status, 206, "{range}");
        let told = format!("bytes {}-{}/{total}", expected.start, expected.end - 1);
        assert_eq!(piece.header("content-range"), told);
        assert!(piece.bytes == whole[expected], "{range}");
    }
    let past = format!("bytes={total}-");
    let none = download(&api, Method::GET, &[("range", &past)]).await;
    assert_eq!(
        (none.status, none.header("content-range")),
        (416, format!("bytes */{total}").as_str())
    );
}

#[tokio::test]
async fn what_is_off_the_disk_comes_from_the_object_store_and_what_is_lost_is_left_out() {
    let site = Site::open().await;
    let rows = site.show(1..9, HOUR).await;
    let offload = site.app.state().store.offload();
    let objects = site.app.config().objects_dir().join("stage");
    let id = &rows[0].channel_id;
    let before = download(&site.app.api(), Method::GET, &[]).await;
    // The second and the last have moved into the object store; one of the others it was said to have is not there.
    for row in [&rows[1], &rows[4], &rows[7]] {
        assert!(offload.stored(id, row.msn, "00", clock::now()).await.unwrap());
        let moved = objects.join(&row.name[..8]).join(format!("{}.ts", row.name));
        fs::create_dir_all(moved.parent().unwrap()).unwrap();
        fs::rename(site.file(row), moved).unwrap();
    }
    offload.evicted(&[(id, 2)], clock::now()).await.unwrap();
    let moved = download(&site.app.api(), Method::GET, &[]).await;
    assert!(moved.bytes == before.bytes, "not the same bytes from elsewhere");
    assert_eq!(moved.header("etag"), before.header("etag"));

    fs::remove_file(objects.join(&rows[4].name[..8]).join(format!("{}.ts", rows[4].name))).unwrap();
    fs::remove_file(site.file(&rows[5])).unwrap();
    fs::write(site.file(&rows[6]), "cut short").unwrap();
    let less = download(&site.app.api(), Method::GET, &[]).await;
    let left: Vec<u8> = [1, 2, 3, 4, 8].into_iter().flat_map(media).collect();
    assert!(less.bytes == left, "what can be had, and nothing else");
    assert_eq!(less.header("content-length"), left.len().to_string());
    assert_ne!(less.header("etag"), before.header("etag"));
    fs::remove_dir_all(site.app.config().archive_dir().join("stage")).unwrap();
    fs::remove_dir_all(&objects).unwrap();
    assert_eq!(download(&site.app.api(), Method::GET, &[]).await.status, 404);
}
