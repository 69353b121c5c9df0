use sluice_testkit::App;

async fn with_site() -> (App, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("assets")).unwrap();
    std::fs::write(dir.path().join("index.html"), "<title>Sluice</title>").unwrap();
    std::fs::write(dir.path().join("assets/index-1a2b.js"), "export {}").unwrap();
    std::fs::write(dir.path().join(".secret"), "no").unwrap();
    std::fs::write(dir.path().join("icon.svg"), "<svg/>").unwrap();
    let app = App::start_with([("FRONTEND_DIR", dir.path().to_str().unwrap())]).await;
    (app, dir)
}

#[tokio::test]
async fn every_page_of_the_site_is_its_one_page() {
    let (app, _dir) = with_site().await;
    for path in [
        "/",
        "/login",
        "/watch/main-stage",
        "/studio/main-stage",
        "/activate?token=x",
    ] {
        let answer = app.api().get(path).await.is(200);
        assert_eq!(answer.text, "<title>Sluice</title>", "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
    }
}

#[tokio::test]
async fn files_whose_name_follows_their_content_are_kept_for_good() {
    let (app, _dir) = with_site().await;
    let script = app.api().get("/assets/index-1a2b.js").await.is(200);
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    let icon = app.api().get("/icon.svg").await.is(200);
    assert_eq!(icon.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn a_missing_file_is_no_page_and_a_hidden_one_is_not_there() {
    let (app, _dir) = with_site().await;
    for path in [
        "/assets/gone.js",
        "/assets/x",
        "/gone.png",
        "/.secret",
        "/..%2f..%2fetc/passwd",
    ] {
        app.api().get(path).await.is(404);
    }
}

#[tokio::test]
async fn where_the_site_is_not_built_the_api_works_all_the_same() {
    let app = App::start().await;
    assert!(app.api().get("/").await.is(404).text.contains("FRONTEND_DIR"));
    app.api().get("/api/v1/site").await.is(200);
}
