//! What a page of another site can make a visitor's browser do: nothing.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sluice_testkit::api::PASSWORD;
use sluice_testkit::{Api, App};

/// A browser of somebody who is logged in.
struct Browser {
    api: Api,
    cookie: String,
}

impl Browser {
    async fn of_ada(app: &App) -> Self {
        let login = json!({"email": "ada@example.org", "password": PASSWORD});
        let answer = app.api().post("/api/v1/login", login).await.is(200).json();
        let cookie = format!("sluice_login={}", answer["token"].as_str().unwrap());
        Self { api: app.api(), cookie }
    }

    /// A request as a browser sends it: with the cookie, and with the page's origin.
    fn request(&self, method: Method, path: &str, origin: &str) -> RequestBuilder {
        self.api
            .request(method, path)
            .header("cookie", &self.cookie)
            .header("origin", origin)
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn only_the_sites_own_pages_change_something_with_the_cookie() {
    let app = App::start_with([("PUBLIC_URL", "https://live.example.org")]).await;
    app.api().signed_up("ada").await;
    let browser = Browser::of_ada(&app).await;
    let body = r#"{"display_name":"Eve"}"#;
    let own = [app.base(), "https://live.example.org", "https://live.example.org:443"];
    let foreign = [
        "https://evil.example",
        "http://live.example.org",
        "https://live.example.org.evil.example",
        "null",
        "",
        "https://live.example.org:8443",
        "http://127.0.0.1:1",
    ];
    for (origins, expected) in [(&own[..], 200), (&foreign[..], 403)] {
        for origin in origins {
            let request = browser.request(Method::PATCH, "/api/v1/me", origin);
            let request = request.header("content-type", "application/json").body(body);
            assert_eq!(status(request).await, expected, "{origin}");
        }
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_without_an_origin() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    ada.channel("stage").await;
    let browser = Browser::of_ada(&app).await;
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"] {
        let request = browser.request(Method::DELETE, "/api/v1/channels/stage", app.base());
        assert_eq!(
            status(request.header("content-type", kind).body("x=1")).await,
            400,
            "{kind}"
        );
        let request = browser.request(Method::PATCH, "/api/v1/me", app.base());
        assert_eq!(
            status(request.header("content-type", kind).body("{}")).await,
            400,
            "{kind}"
        );
    }
    ada.get("/api/v1/channels/stage").await.is(200);
}

#[tokio::test]
async fn reading_is_open_to_every_origin_and_programs_need_none() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let request = Browser::of_ada(&app)
        .await
        .request(Method::GET, "/api/v1/me", "https://evil.example");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // The browser keeps the answer from the foreign page, as nothing here allows it.
    assert!(answer.headers().get("access-control-allow-origin").is_none());
    let request = ada
        .request(Method::PATCH, "/api/v1/me")
        .header("origin", "https://evil.example");
    assert_eq!(status(request.json(&json!({"display_name": "Ada L."}))).await, 200);
}
