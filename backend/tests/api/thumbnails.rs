//! What a channel looks like, looked like and is remembered by. Who makes the pictures is the test itself.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};
use sluice_backend::{clock, http::time::rfc3339};
use sluice_domain::{Millis, storyboard};
use sluice_objects::{Key, ObjectStore, Thumbnail};
use sluice_store::thumbnailing::{At, NewLive, NewPoster, NewSheet, Version};
use sluice_testkit::api::Answer;
use sluice_testkit::{Api, App};

use crate::growing::Show;
use crate::past::{LENGTH_MS, Session, record};

const LIVE: &str = "/live/stage/thumbnail.jpg";

/// Puts a picture, and gives its name and its object.
async fn put(app: &App, what: Thumbnail, moment: Millis, tag: u32) -> (String, String) {
    let name = Thumbnail::name(moment, tag).unwrap();
    let key = Key::thumbnail("stage", what, &name).unwrap();
    let file = app.config().data_dir.join("made");
    fs::write(&file, format!("picture {tag}")).unwrap();
    let objects = ObjectStore::local(app.config().objects_dir()).unwrap();
    objects.put(&key, &file).await.unwrap();
    fs::remove_file(file).unwrap();
    let object = key.to_string();
    let due = clock::now().plus(Millis::from_secs(3600));
    app.state().store.thumbnails().reserve(&object, due).await.unwrap();
    (name, object)
}

fn at() -> At {
    let now = clock::now();
    At {
        now,
        due: now.plus(Millis::from_secs(3600)),
    }
}

async fn channel_id(app: &App) -> String {
    let channels = app.state().store.channels();
    channels.by_slug("stage").await.unwrap().unwrap().id
}

/// A segment that a picture can be of.
fn segments(ago_s: i64, count: i64) -> Session {
    Session {
        first: 1,
        count,
        // Whole seconds, and the beginning of a slot.
        from: storyboard::slot(clock::now().minus(Millis::from_secs(ago_s))),
        discontinuities: 0,
    }
}

async fn asked(api: &Api, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = api.request(Method::GET, path);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    Answer::of(path, request.send().await.unwrap()).await
}

/// A channel on air, with a segment from before.
struct OnAir {
    show: Show,
    channel_id: String,
    shown: Option<Version>,
}

impl OnAir {
    async fn begin() -> Self {
        let show = Show::begin_behind(App::start().await, &[segments(3600, 1)]).await;
        let channel_id = channel_id(&show.app).await;
        Self {
            show,
            channel_id,
            shown: None,
        }
    }

    /// The channel is shown by another picture; gives its name.
    async fn pictured(&mut self, taken_at: Millis, tag: u32) -> String {
        let (name, object) = put(&self.show.app, Thumbnail::Live, taken_at, tag).await;
        let new = NewLive {
            channel_id: &self.channel_id,
            object: &object,
            taken_at,
            msn: 1,
        };
        let (thumbnails, at) = (self.show.app.state().store.thumbnails(), at());
        assert!(thumbnails.show_live(&new, self.shown.as_ref(), at).await.unwrap());
        self.shown = Some(Version {
            object: Some(object),
            made_at: at.now,
        });
        name
    }

    async fn is_not_pictured(&self) {
        let api = self.show.app.api();
        assert_eq!(api.get(LIVE).await.is(404).problem().code, "no_thumbnail");
        assert_eq!(api.show("stage").await["thumbnail"], Value::Null);
    }
}

#[tokio::test]
async fn a_channel_on_air_is_shown_by_its_newest_picture_and_off_air_by_none() {
    let mut stage = OnAir::begin().await;
    stage.is_not_pictured().await;
    let name = stage.pictured(clock::now(), 1).await;
    let api = stage.show.app.api();
    let address = format!("{}{LIVE}", stage.show.app.base());
    assert_eq!(api.show("stage").await["thumbnail"], address);
    let list = api.get("/api/v1/channels?live=true").await.is(200).json();
    assert_eq!(list["items"][0]["thumbnail"], address);

    let first = api.get(LIVE).await.is(200);
    assert_eq!(
        (first.text.as_str(), first.header("content-type")),
        ("picture 1", "image/jpeg")
    );
    assert_eq!(first.header("cache-control"), "public, max-age=5");
    assert_eq!(first.header("access-control-allow-origin"), "*");
    let tag = first.header("etag").to_owned();
    assert_eq!(tag, format!("\"{name}\""));
    let again = asked(&api, LIVE, &[("if-none-match", &tag)]).await.is(304);
    assert_eq!((again.header("etag"), again.text.as_str()), (tag.as_str(), ""));
    let head = api.request(Method::HEAD, LIVE).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "9");

    stage.pictured(clock::now(), 2).await;
    assert_eq!(
        asked(&api, LIVE, &[("if-none-match", &tag)]).await.is(200).text,
        "picture 2"
    );
    assert_eq!(
        api.get("/live/~nobody/stage/thumbnail.jpg").await.is(200).text,
        "picture 2"
    );
    stage.show.ends().await;
    stage.is_not_pictured().await;
    for nothing in [
        "/live/nowhere/thumbnail.jpg",
        "/live/..%2Fstage/thumbnail.jpg",
        "/live/stage/thumbnail.png",
    ] {
        api.get(nothing).await.is(404);
    }
}

#[tokio::test]
async fn a_channel_on_air_is_not_shown_by_a_picture_of_another_show() {
    let mut stage = OnAir::begin().await;
    stage.pictured(clock::now().minus(Millis::from_secs(300)), 1).await;
    stage.is_not_pictured().await;
    stage.pictured(clock::now(), 2).await;
    stage.show.app.api().get(LIVE).await.is(200);
}

/// Five minutes of a channel that were an hour ago, on one sheet.
struct Past {
    app: App,
    ada: Api,
    from: Millis,
    sheet: String,
}

impl Past {
    async fn open() -> Self {
        let app = App::start().await;
        let ada = app.api().signed_up("ada").await;
        ada.channel("stage").await;
        let mut session = segments(3600, 5);
        session.from = storyboard::sheet(session.from);
        let channel_id = record(&app, &[session]).await;
        let (sheet, object) = put(&app, Thumbnail::Sheet, session.from, 0xbee).await;
        let moment = |seq| session.from.plus(Millis(seq * LENGTH_MS));
        let new = NewSheet {
            channel_id: &channel_id,
            started_at: session.from,
            object: Some(&object),
            bytes: Some(9),
            // The first that begins in each slot: at 0, 12 and 24 s.
            tiles: [0, 2, 4].map(|seq| (moment(seq), seq + 1)).to_vec(),
            segments: (1, 5),
        };
        assert!(
            app.state()
                .store
                .thumbnails()
                .show_sheet(&new, None, at())
                .await
                .unwrap()
        );
        Self {
            app,
            ada,
            from: session.from,
            sheet,
        }
    }

    fn map(&self, after_s: i64, duration_s: i64) -> String {
        let from = rfc3339(self.from.plus(Millis::from_secs(after_s)));
        format!("/live/stage/storyboard.vtt?from={from}&duration={duration_s}")
    }

    fn sheet(&self) -> String {
        format!("/live/stage/storyboards/{}.jpg", self.sheet)
    }

    async fn may_rewind(&self, who: &str) {
        let body = json!({"dvr": who});
        self.ada.patch("/api/v1/channels/stage", body).await.is(200);
    }
}

#[tokio::test]
async fn a_map_says_which_piece_of_which_sheet_shows_a_moment() {
    let past = Past::open().await;
    let api = past.app.api();
    let path = past.map(0, 60);
    let answer = api.get(&path).await.is(200);
    let piece = |x| format!("storyboards/{}.jpg#xywh={x},0,160,90", past.sheet);
    let cue = |times: &str, x| format!("\n{times}\n{}\n", piece(x));
    let expected = format!(
        "WEBVTT\n{}{}{}",
        cue("00:00:00.000 --> 00:00:12.000", 0),
        cue("00:00:12.000 --> 00:00:24.000", 160),
        cue("00:00:24.000 --> 00:00:34.000", 320)
    );
    assert_eq!(answer.text, expected);
    assert_eq!(answer.header("content-type"), "text/vtt; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let tag = answer.header("etag").to_owned();
    asked(&api, &path, &[("if-none-match", &tag)]).await.is(304);
    let zipped = asked(&api, &path, &[("accept-encoding", "gzip")]).await.is(200);
    assert_eq!(
        (zipped.header("content-encoding"), zipped.header("vary")),
        ("gzip", "Accept-Encoding")
    );
    assert_ne!(zipped.header("etag"), tag);

    let piece = api.get(&past.map(15, 5)).await.is(200).text;
    assert_eq!(piece, format!("WEBVTT\n{}", cue("00:00:00.000 --> 00:00:05.000", 160)));
    assert_eq!(api.get(&past.map(60, 60)).await.is(200).text, "WEBVTT\n");
    let recent = api
        .get("/live/stage/storyboard.vtt?offset_sec=60&duration=120")
        .await
        .is(200);
    assert_eq!(recent.header("cache-control"), "public, max-age=5");
    for nonsense in [
        "",
        "?duration=60",
        "?offset_sec=60&duration=21601",
        "?from=soon&duration=60",
    ] {
        let answer = api.get(&format!("/live/stage/storyboard.vtt{nonsense}")).await;
        assert_eq!(answer.is(400).problem().code, "invalid_request", "{nonsense}");
    }
    api.get("/live/nowhere/storyboard.vtt?offset_sec=60&duration=60")
        .await
        .is(404);
}

#[tokio::test]
async fn a_sheet_never_changes_and_no_name_leads_elsewhere() {
    let past = Past::open().await;
    let api = past.app.api();
    let sheet = api.get(&past.sheet()).await.is(200);
    assert_eq!(
        (sheet.text.as_str(), sheet.header("content-type")),
        ("picture 3054", "image/jpeg")
    );
    assert_eq!(sheet.header("cache-control"), "public, max-age=86400, immutable");
    asked(&api, &past.sheet(), &[("if-none-match", sheet.header("etag"))])
        .await
        .is(304);
    let name = &past.sheet;
    for nothing in [
        format!("/live/stage/posters/{name}.jpg"),
        format!("/live/stage/storyboards/{name}"),
        format!("/live/stage/storyboards/{name}.ts"),
        format!("/live/other/storyboards/{name}.jpg"),
        format!("/live/_thumbnails/storyboards/{name}.jpg"),
        format!("/live/stage/storyboards/{}.jpg", name.to_uppercase()),
        format!("/live/stage/storyboards/..%2Fstoryboards%2F{name}.jpg"),
        "/live/stage/storyboards/..%2F..%2F..%2Fsluice.db.jpg".to_owned(),
        "/live/stage/storyboards/%00.jpg".to_owned(),
        "/live/stage/storyboards/20261120-222053-0000beef.jpg".to_owned(),
    ] {
        let code = api.get(&nothing).await.is(404).problem().code;
        assert_eq!(code, "not_found", "{nothing}");
    }
}

#[tokio::test]
async fn what_a_channel_looked_like_is_for_whoever_may_rewind_it() {
    let past = Past::open().await;
    let (api, base) = (past.app.api(), past.app.base().to_owned());
    let open = api.show("stage").await["playback"]["storyboard"].clone();
    assert_eq!(open, format!("{base}/live/stage/storyboard.vtt"));
    past.may_rewind("signed_in").await;
    for path in [past.map(0, 60), past.sheet()] {
        assert_eq!(api.get(&path).await.is(403).problem().code, "dvr_not_allowed");
    }
    assert_eq!(api.show("stage").await["playback"]["storyboard"], Value::Null);
    let own = past.ada.show("stage").await["playback"]["storyboard"].clone();
    let own = own.as_str().unwrap().strip_prefix(&base).unwrap().to_owned();
    let below = own.strip_suffix("/storyboard.vtt").unwrap();
    assert!(below.starts_with("/live/~"), "{below}");
    for path in [past.map(0, 60), past.sheet()] {
        let answer = api.get(&path.replace("/live/stage", below)).await.is(200);
        assert!(answer.header("cache-control").starts_with("private, "));
    }
    past.may_rewind("everyone").await;
    api.get(&past.sheet()).await.is(200);
}

#[tokio::test]
async fn a_show_is_remembered_by_its_poster() {
    let past = Past::open().await;
    let (api, shows) = (past.app.api(), "/api/v1/channels/stage/shows");
    let poster = async |api: &Api| api.get(shows).await.is(200).json()["items"][0]["poster"].clone();
    assert_eq!(poster(&api).await, Value::Null);
    let store = &past.app.state().store;
    let show = store
        .recordings()
        .find(&channel_id(&past.app).await, 1)
        .await
        .unwrap()
        .unwrap();
    let (name, object) = put(&past.app, Thumbnail::Poster, past.from, 9).await;
    let new = NewPoster {
        show: &show,
        object: Some(&object),
        taken_at: past.from,
        msn: 1,
    };
    assert!(store.thumbnails().show_poster(&new, at()).await.unwrap());
    let path = format!("/live/stage/posters/{name}.jpg");
    assert_eq!(poster(&api).await, format!("{}{path}", past.app.base()));
    assert_eq!(api.get(&path).await.is(200).text, "picture 9");

    past.may_rewind("signed_in").await;
    api.get(&path).await.is(403);
    let own = poster(&past.ada).await;
    let own = own.as_str().unwrap().strip_prefix(past.app.base()).unwrap().to_owned();
    assert_eq!(api.get(&own).await.is(200).text, "picture 9");

    past.ada.delete(&format!("{shows}/1")).await.is(204);
    past.may_rewind("everyone").await;
    assert_eq!(
        api.get(&past.map(0, 60)).await.is(200).text,
        "WEBVTT\n",
        "a deleted show is seen no more"
    );
}
