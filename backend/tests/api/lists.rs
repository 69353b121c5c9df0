use sluice_testkit::{Api, App};

async fn page(api: &Api, query: &str) -> (Vec<String>, Option<String>) {
    let list = api.get(&format!("/api/v1/channels?{query}")).await.is(200).json();
    let items = list["items"].as_array().unwrap().iter();
    let slugs = items.map(|item| item["slug"].as_str().unwrap().to_owned()).collect();
    (slugs, list["next_cursor"].as_str().map(ToOwned::to_owned))
}

async fn with_channels(n: u32) -> (App, Api) {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    for n in 1..=n {
        ada.channel(&format!("c{n}")).await;
    }
    (app, ada)
}

#[tokio::test]
async fn a_list_read_page_by_page_has_everything_once() {
    let (app, _) = with_channels(5).await;
    let (first, cursor) = page(&app.api(), "limit=2").await;
    let (second, cursor) = page(&app.api(), &format!("limit=2&cursor={}", cursor.unwrap())).await;
    let (third, end) = page(&app.api(), &format!("limit=2&cursor={}", cursor.unwrap())).await;
    assert_eq!([first, second, third].concat(), ["c5", "c4", "c3", "c2", "c1"]);
    assert_eq!(end, None);
}

#[tokio::test]
async fn what_is_made_meanwhile_does_not_move_the_pages() {
    let (app, ada) = with_channels(3).await;
    let (_, cursor) = page(&app.api(), "limit=1").await;
    ada.channel("new").await;
    let (rest, end) = page(&app.api(), &format!("cursor={}", cursor.unwrap())).await;
    assert_eq!(rest, ["c2", "c1"]);
    assert_eq!(end, None);
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused_with_a_reason() {
    let app = App::start().await;
    for bad in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=99999999999",
        "cursor=x",
        "cursor=%27%20OR%201",
        "live=maybe",
        "cursor=0193A5F0C1D27B3E8F4A5B6C7D8E9F00",
        &format!("q={}", "x".repeat(101)),
        "q=%00",
    ] {
        let refused = app.api().get(&format!("/api/v1/channels?{bad}")).await.is(400);
        assert_eq!(refused.problem().code, "invalid_request", "{bad}");
    }
}
