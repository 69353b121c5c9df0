//! What an operator and a scraper may ask, and who else may not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // tests

use std::{collections::BTreeMap, net::TcpListener, time::Duration};

use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::Value;
use sluice_backend::app::{self, StartError};
use sluice_config::Config;
use sluice_testkit::{Api, App, ports::Ports, process::Launch, wait_for};

#[tokio::test]
async fn a_backend_that_finds_its_port_taken_has_touched_nothing() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let settings = BTreeMap::from([
        ("JWT_SECRET".to_owned(), "0123456789abcdef0123456789abcdef".to_owned()),
        (
            "BACKEND_PORT".to_owned(),
            other.local_addr().unwrap().port().to_string(),
        ),
        ("DATA_DIR".to_owned(), data.display().to_string()),
    ]);
    let config = Config::from_vars(settings).unwrap();
    let refused = app::App::build(config.clone()).await.err();
    assert!(matches!(refused, Some(StartError::Listen { .. })), "{refused:?}");
    assert!(!data.exists());
    drop(other);
    // So the first start that succeeds is the one that makes the administrator and shows the password.
    let app = app::App::build(config).await.unwrap();
    assert!(app.first_administrator().is_some());
}

#[tokio::test]
async fn a_process_that_answers_is_alive() {
    let app = App::start().await;
    let answer = app.api().get("/healthz").await.is(200);
    assert_eq!(answer.text, "ok\n");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn readiness_names_every_check_and_what_is_wrong() {
    let app = App::start().await;
    // No nginx runs beside this backend.
    let readiness = app.api().get("/readyz").await.is(503).json();
    assert_eq!(readiness["ready"], false);
    let checks = readiness["checks"].as_array().unwrap();
    let check = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    assert_eq!(check("media_server")["problem"], "nginx does not answer.");
    for name in ["database", "spool", "archive"] {
        assert_eq!(
            (&check(name)["ok"], &check(name)["problem"]),
            (&true.into(), &().into())
        );
    }
    assert!(check("disk")["ok"].is_boolean());
}

#[tokio::test]
async fn without_nginx_every_page_and_answer_carries_the_sites_policy() {
    let app = App::start_with([("LIVE_BASE_URL", "https://edge.example")]).await;
    for path in [
        "/",
        "/api/v1/site",
        "/api/v1/me",
        "/api/docs/",
        "/api/openapi.json",
        "/healthz",
    ] {
        let answer = app.api().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'; script-src 'self';"), "{path}");
        assert!(policy.contains("connect-src 'self' https://edge.example;"), "{path}");
        assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    let stream = app.api().get("/live/north/live.m3u8").await.is(404);
    assert_eq!(stream.header("x-content-type-options"), "nosniff");
    assert_eq!(stream.count("content-security-policy"), 0);
}

#[tokio::test]
async fn the_apis_documentation_needs_no_script_that_the_sites_policy_forbids() {
    let app = App::start().await;
    let page = app.api().get("/api/docs/").await.is(200).text;
    assert!(page.contains("<script src="));
    assert_eq!(
        page.matches("<script").count(),
        page.matches("<script src=\"./").count()
    );
    assert!(!page.contains(" onload="));
}

#[tokio::test]
async fn metrics_are_for_this_machine_only() {
    let app = App::start().await;
    let answer = app.api().get("/metrics").await.is(200);
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    assert!(answer.text.contains("\nsluice_live_sessions 0"));
    let through_a_proxy = app
        .api()
        .request(Method::GET, "/metrics")
        .header("x-forwarded-for", "192.0.2.7");
    assert_eq!(through_a_proxy.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn an_answer_carries_the_id_that_the_proxy_gave_or_one_of_its_own() {
    let app = App::start().await;
    let asked = |id: &'static str| {
        app.api()
            .request(Method::GET, "/healthz")
            .header("x-request-id", id)
            .send()
    };
    assert_eq!(
        asked("from-nginx-1").await.unwrap().headers()["x-request-id"],
        "from-nginx-1"
    );
    let forged = asked("two words").await.unwrap();
    assert_eq!(forged.headers()["x-request-id"].len(), 32);
    let problem = app.api().get("/api/v1/nothing").await.is(404);
    assert_eq!(problem.json()["request_id"], problem.header("x-request-id"));
}

#[tokio::test]
async fn a_request_leaves_one_json_line_in_both_logs_without_query_or_token() {
    let dir = tempfile::tempdir().unwrap();
    let ports = Ports::take();
    let below = |name: &str| dir.path().join(name).display().to_string();
    let env = BTreeMap::from([
        (
            "JWT_SECRET".to_owned(),
            "operation-0123456789abcdef0123456789".to_owned(),
        ),
        ("BACKEND_PORT".to_owned(), ports.get(0).to_string()),
        ("DATA_DIR".to_owned(), below("data")),
        ("LOG_DIR".to_owned(), below("logs")),
        ("LOG_FORMAT".to_owned(), "json".to_owned()),
        ("LOG_LEVEL".to_owned(), "info,sluice_backend=debug".to_owned()),
    ]);
    let mut backend = Launch::new(env!("CARGO_BIN_EXE_sluice-backend"), dir.path().join("stdout"))
        .env(&env)
        .start();
    let api = Api::new(format!("http://127.0.0.1:{}", ports.get(0)));
    wait_for(Duration::from_secs(60), "the backend answers", async || {
        assert!(backend.is_running(), "{}", backend.log());
        api.request(Method::GET, "/healthz").send().await.ok()
    })
    .await;
    for path in ["/api/v1/site?secret=hunter2", "/live/~hunter2/stage/live.m3u8"] {
        api.request(Method::GET, path)
            .header("x-request-id", "asked-by-a-test")
            .send()
            .await
            .unwrap();
    }
    backend.end_by(Signal::SIGTERM);

    let stdout = backend.log();
    let file = std::fs::read_dir(below("logs"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert!(file.file_name().unwrap().to_str().unwrap().starts_with("backend."));
    let logged = std::fs::read_to_string(file).unwrap();
    // The first administrator's password is for the terminal alone.
    let (json, said): (Vec<_>, Vec<_>) = stdout.lines().partition(|line| line.starts_with('{'));
    assert_eq!(logged.lines().collect::<Vec<_>>(), json);
    assert!(said[0].contains("password"), "{said:?}");
    assert!(!stdout.contains("hunter2"), "{stdout}");
    let lines: Vec<Value> = json
        .into_iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = |path: &str| {
        lines
            .iter()
            .find(|line| line["path"] == path)
            .unwrap_or_else(|| panic!("{stdout}"))
    };
    assert_eq!(line("/live/stage/live.m3u8")["level"], "DEBUG");
    let site = line("/api/v1/site");
    assert_eq!(
        (&site["level"], &site["status"], &site["method"]),
        (&"INFO".into(), &200.into(), &"GET".into())
    );
    assert_eq!(site["span"]["id"], "asked-by-a-test");
}
