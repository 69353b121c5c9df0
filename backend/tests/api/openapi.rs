use std::collections::BTreeSet;

use sluice_backend::routes;
use sluice_testkit::App;

#[tokio::test]
async fn every_route_of_the_api_is_described_and_every_description_has_a_route() {
    let app = App::start().await;
    let description = app.api().get("/api/openapi.json").await.is(200).json();
    let described: BTreeSet<String> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .filter(|operation| operation.contains(routes::API))
        .collect();
    let table = routes::table();
    let served: BTreeSet<String> = table
        .iter()
        .filter(|line| line.path.starts_with(routes::API))
        .map(|line| format!("{} {}", line.method, line.path))
        .collect();
    assert_eq!(described, served);
    assert!(served.len() >= 25, "{served:?}");
}

#[tokio::test]
async fn every_operation_says_what_it_takes_and_how_it_answers() {
    let app = App::start().await;
    let description = app.api().get("/api/openapi.json").await.json();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{name}: no summary"
            );
            assert!(
                operation["tags"].as_array().is_some_and(|tags| tags.len() == 1),
                "{name}: no tag"
            );
            assert!(
                !operation["responses"].as_object().unwrap().is_empty(),
                "{name}: no answers"
            );
            let places = path.matches('{').count();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            assert_eq!(
                parameters.iter().filter(|p| p["in"] == "path").count(),
                places,
                "{name}: path parameters"
            );
        }
    }
    let schemes = &description["components"]["securitySchemes"];
    assert_eq!(schemes["cookie"]["name"], "sluice_login");
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
}

#[tokio::test]
async fn every_schema_that_is_spoken_of_is_there() {
    let app = App::start().await;
    let text = app.api().get("/api/openapi.json").await.text;
    let description: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is missing");
    }
}

#[tokio::test]
async fn the_docs_are_served_from_this_server_alone() {
    let app = App::start().await;
    let page = app.api().get("/api/docs/").await.is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text.contains("https://"), "{}", page.text);
    app.api().get("/api/docs/swagger-ui-bundle.js").await.is(200);
    let short = app.api().get("/api/docs").await.is(307);
    assert_eq!(short.header("location"), "/api/docs/");
}
