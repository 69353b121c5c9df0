use reqwest::Method;
use serde_json::json;
use sluice_testkit::App;

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem_with_the_requests_id() {
    let app = App::start().await;
    for path in ["/api/v1/nothing", "/api/nothing", "/api", "/live/none/nothing"] {
        let answer = app.api().get(path).await.is(404);
        assert_eq!(answer.problem().code, "not_found", "{path}");
        let body = answer.json();
        assert_eq!(body["type"], "urn:sluice:error:not_found");
        assert_eq!(body["title"], "Not found");
        assert_eq!(body["request_id"], answer.header("x-request-id"));
        assert_eq!(body["request_id"].as_str().unwrap().len(), 32);
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_named_so() {
    let app = App::start().await;
    let cases = [
        (Method::DELETE, "/api/v1/site", "GET, HEAD"),
        (Method::PUT, "/api/v1/me", "GET, PATCH, HEAD"),
        (Method::GET, "/api/v1/login", "POST"),
    ];
    for (method, path, allowed) in cases {
        let answer = app.api().request(method, path).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(answer.headers()["allow"], allowed, "{path}");
        assert_eq!(
            answer.json::<serde_json::Value>().await.unwrap()["code"],
            "method_not_allowed"
        );
    }
}

#[tokio::test]
async fn what_can_be_read_can_be_asked_for_without_its_body() {
    let app = App::start().await;
    let head = app.api().request(Method::HEAD, "/api/v1/site").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_request_id_given_by_a_proxy_is_kept() {
    let app = App::start().await;
    let request = app
        .api()
        .request(Method::GET, "/api/v1/me")
        .header("x-request-id", "edge-4711");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "edge-4711");
    assert_eq!(
        answer.json::<serde_json::Value>().await.unwrap()["request_id"],
        "edge-4711"
    );
}

#[tokio::test]
async fn when_the_database_is_away_the_answer_says_so_and_nothing_more() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    app.state().store.close().await;
    let login = json!({"email": "ada@example.org", "password": "correct horse battery"});
    for answer in [
        ada.get("/api/v1/me").await,
        app.api().post("/api/v1/login", login).await,
    ] {
        let problem = answer.is(503).problem();
        assert_eq!(problem.code, "unavailable");
        assert_eq!(
            problem.detail,
            "The service is not available at the moment. Try again soon."
        );
    }
    app.api().get("/api/v1/site").await.is(200);
}

#[tokio::test]
async fn answers_of_the_api_are_kept_by_no_cache() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    for path in [
        "/api/v1/me",
        "/api/v1/channels",
        "/api/v1/site",
        "/api/v1/channels/none",
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}
