//! Clips as they are played, saved, shared and embedded.

use reqwest::Method;
use serde_json::json;
use sluice_testkit::api::Answer;

use super::{PATH, Stage, film, id};

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
