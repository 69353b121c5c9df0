//! Bodies and headers that no honest client sends. The answer is always a problem, and never a fault of ours.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use sluice_testkit::{Api, App};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn send(api: &Api, body: impl Into<reqwest::Body>) -> (u16, String) {
    let request = api
        .request(Method::POST, "/api/v1/accounts")
        .header(CONTENT_TYPE, "application/json");
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    let status = answer.status().as_u16();
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["status"], status);
    (status, body["code"].as_str().unwrap().to_owned())
}

fn refused(code: &str, status: u16) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let app = App::start().await;
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"x\"",
        b"{\"email\":",
        b"\xff\xfe\x00",
        b"{\"email\":\"\xff\xfe\"}",
    ];
    for body in bodies {
        assert_eq!(
            send(&app.api(), body.to_vec()).await,
            refused("invalid_request", 400),
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn values_of_the_wrong_type_are_refused() {
    let app = App::start().await;
    for bad in [json!(1), json!(null), json!([]), json!({}), json!(true), json!(1e300)] {
        let body = json!({"email": bad, "password": "correct horse", "display_name": "x"});
        assert_eq!(
            send(&app.api(), body.to_string()).await,
            refused("invalid_request", 400),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let app = App::start().await;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(send(&app.api(), deep.clone()).await, refused("invalid_request", 400));
    let inside = format!("{{\"email\":\"a@b.c\",\"x\":{deep}}}");
    assert_eq!(send(&app.api(), inside).await, refused("invalid_request", 400));
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_refused_whether_or_not_it_says_its_length() {
    let app = App::start().await;
    let huge = format!("{{\"email\":\"{}\"}}", "a".repeat(70_000));
    assert_eq!(send(&app.api(), huge.clone()).await, refused("payload_too_large", 413));
    let answer = send_in_chunks(&app, huge.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("payload_too_large"), "{answer}");
}

/// Sends a body without saying how long it is, and reads what comes back.
async fn send_in_chunks(app: &App, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.base().trim_start_matches("http://"))
        .await
        .unwrap();
    let head = "POST /api/v1/accounts HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for chunk in body.chunks(1000) {
        stream
            .write_all(format!("{:x}\r\n", chunk.len()).as_bytes())
            .await
            .unwrap();
        stream.write_all(chunk).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn a_nul_in_a_text_never_reaches_the_database() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let nul = "a\u{0}b";
    ada.patch("/api/v1/me", json!({"display_name": nul})).await.is(422);
    ada.patch("/api/v1/channels/stage", json!({"title": nul, "description": nul}))
        .await
        .is(422);
    ada.post("/api/v1/channels", json!({"slug": nul, "title": "x"}))
        .await
        .is(422);
    ada.post("/api/v1/channels/stage/stream-keys", json!({"label": nul}))
        .await
        .is(422);
    ada.get("/api/v1/channels?q=%00").await.is(400);
    ada.get("/api/v1/channels/a%00b").await.is(404);
    app.api()
        .post("/api/v1/login", json!({"email": nul, "password": nul}))
        .await
        .is(401);
    app.api()
        .post("/api/v1/password-reset", json!({"email": nul}))
        .await
        .is(422);
    app.api()
        .post("/api/v1/accounts/activate", json!({"token": nul}))
        .await
        .is(400);
}

#[tokio::test]
async fn words_of_sql_are_only_words() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let title = "'; DROP TABLE channels; -- \" \\ % _";
    ada.post("/api/v1/channels", json!({"slug": "stage", "title": title}))
        .await
        .is(201);
    assert_eq!(ada.show("stage").await["title"], title);
    let found = ada.get("/api/v1/channels?q=%27%3B%20DROP").await.is(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let none = ada.get("/api/v1/channels?q=%27%20OR%201%3D1%20--").await.is(200).json();
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn headers_full_of_nonsense_change_nothing() {
    let app = App::start().await;
    let nonsense: [(&str, &[u8]); 6] = [
        ("authorization", b"Bearer"),
        ("authorization", b"Basic \xff\xff"),
        ("cookie", b"sluice_login=\xff; sluice_login"),
        ("x-forwarded-for", b"\xff, ;drop"),
        ("x-request-id", b"a\tb\"<script>"),
        ("host", b"<script>"),
    ];
    for (name, value) in nonsense {
        let request = app.api().request(Method::GET, "/api/v1/channels");
        let answer = request
            .header(name, reqwest::header::HeaderValue::from_bytes(value).unwrap())
            .send()
            .await
            .unwrap();
        assert!(
            matches!(answer.status().as_u16(), 200 | 400),
            "{name}: {}",
            answer.status()
        );
        let id = answer
            .headers()
            .get("x-request-id")
            .map(|id| id.to_str().unwrap().to_owned())
            .unwrap_or_default();
        assert!(!id.contains('<'), "{id}");
    }
}

#[tokio::test]
async fn a_burst_of_logins_is_answered_without_running_out_of_memory_or_patience() {
    let app = App::start().await;
    let tries = (0..60).map(|n| {
        let api = app.api().at(format!("198.51.100.{n}"));
        async move {
            api.post("/api/v1/login", json!({"email": format!("a{n}@b.c"), "password": "x"}))
                .await
        }
    });
    for answer in futures_util::future::join_all(tries).await {
        assert!(matches!(answer.status.as_u16(), 401 | 503), "{}", answer.status);
    }
}
