use serde_json::json;
use sluice_testkit::api::{Answer, PASSWORD};
use sluice_testkit::{Api, App};

/// Asks until it is told to wait; how often it was let through, and the refusal.
async fn until_refused(ask: impl AsyncFn(u32) -> Answer) -> (u32, Answer) {
    for n in 0..100 {
        let answer = ask(n).await;
        if answer.status == 429 {
            return (n, answer);
        }
    }
    panic!("nobody said that it is too much");
}

/// A slow machine wins back a try or two while it asks.
fn check(let_through: u32, burst: u32, refusal: &Answer) {
    assert!(
        (burst..=burst + 5).contains(&let_through),
        "{let_through} instead of {burst}"
    );
    assert_eq!(refusal.problem().code, "too_many_requests");
    let wait: u64 = refusal.header("retry-after").parse().unwrap();
    assert!((1..=601).contains(&wait), "{wait}");
}

async fn guess(api: &Api, email: String) -> Answer {
    api.post("/api/v1/login", json!({"email": email, "password": "not the password"}))
        .await
}

#[tokio::test]
async fn who_guesses_at_a_password_is_slowed_down_and_its_owner_is_not() {
    let app = App::start().await;
    app.api().signed_up("ada").await;
    let guesser = app.api().at("192.0.2.66");
    let ask = async |_| guess(&guesser, "ada@example.org".to_owned()).await;
    let (let_through, refusal) = until_refused(ask).await;
    check(let_through, 10, &refusal);
    let own = json!({"email": "ada@example.org", "password": PASSWORD});
    guesser.post("/api/v1/login", own.clone()).await.is(429);
    app.api().at("192.0.2.7").post("/api/v1/login", own).await.is(200);
}

#[tokio::test]
async fn guesses_from_one_address_are_slowed_down_whomever_they_aim_at() {
    let app = App::start().await;
    let guesser = app.api().at("192.0.2.66");
    let (let_through, refusal) = until_refused(async |n| guess(&guesser, format!("a{n}@example.org")).await).await;
    check(let_through, 20, &refusal);
    guess(&app.api().at("192.0.2.67"), "b@example.org".to_owned())
        .await
        .is(401);
}

#[tokio::test]
async fn sign_ups_from_one_address_are_slowed_down() {
    let app = App::start().await;
    let one = app.api().at("192.0.2.66");
    let sign_up = async |n: u32| {
        let wish = json!({"email": format!("a{n}@example.org"), "password": PASSWORD, "display_name": "A"});
        one.post("/api/v1/accounts", wish).await
    };
    let (let_through, refusal) = until_refused(sign_up).await;
    check(let_through, 20, &refusal);
}

#[tokio::test]
async fn nobody_can_fill_a_letter_box_with_our_mail() {
    let app = App::start().await;
    let ask = async |n: u32| {
        let path = if n.is_multiple_of(2) {
            "/api/v1/password-reset"
        } else {
            "/api/v1/accounts/activation"
        };
        app.api()
            .at(format!("192.0.2.{n}"))
            .post(path, json!({"email": "ada@example.org"}))
            .await
    };
    let (let_through, refusal) = until_refused(ask).await;
    check(let_through, 3, &refusal);
}

#[tokio::test]
async fn one_address_cannot_make_us_write_to_everybody() {
    let app = App::start().await;
    let one = app.api().at("192.0.2.66");
    let ask = async |n: u32| {
        one.post("/api/v1/password-reset", json!({"email": format!("a{n}@example.org")}))
            .await
    };
    let (let_through, refusal) = until_refused(ask).await;
    check(let_through, 10, &refusal);
}

#[tokio::test]
async fn a_stolen_login_does_not_help_to_guess_the_password() {
    let app = App::start().await;
    let ada = app.api().signed_up("ada").await;
    let change = json!({"current_password": "not the password", "new_password": "an even better password"});
    let (let_through, refusal) = until_refused(async |_| ada.post("/api/v1/me/password", change.clone()).await).await;
    check(let_through, 9, &refusal);
}
