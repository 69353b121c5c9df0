//! The main job as a person does it: in a real browser, on the built site, with a real encoder.

use sluice_testkit::{Stack, browser::Program};

#[tokio::test]
async fn a_person_signs_up_goes_live_and_is_watched_in_a_browser() {
    let stack = Stack::builder().built_site().start().await;
    let log = stack.backend_log();
    let password = log
        .split_once("password ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .expect("the first start shows a password");
    Program::new("run")
        .env("SLUICE_ADMIN_EMAIL", &stack.config().admin_email)
        .env("SLUICE_ADMIN_PASSWORD", password)
        .passes(&stack)
        .await;
}
