//! The main job as a person does it: in a real browser, on the built site, with a real encoder.

use std::{path::Path, process::Stdio};

use sluice_testkit::Stack;
use tokio::process::Command;

#[tokio::test]
async fn a_person_signs_up_goes_live_and_is_watched_in_a_browser() {
    let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend");
    let dist = frontend.join("dist");
    assert!(
        dist.join("index.html").exists(),
        "the site is not built: run `npm ci && npm run build` in frontend/"
    );
    let stack = Stack::builder()
        .env("FRONTEND_DIR", dist.display().to_string())
        .start()
        .await;
    let log = stack.backend_log();
    let password = log
        .split_once("password ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .expect("the first start shows a password");
    let told = Command::new("node")
        .current_dir(&frontend)
        .arg("e2e/run.mjs")
        .env("SLUICE_URL", stack.api().url("/").trim_end_matches('/'))
        .env("SLUICE_RTMP", stack.rtmp_url("").trim_end_matches('/'))
        .env("SLUICE_ADMIN_EMAIL", &stack.config().admin_email)
        .env("SLUICE_ADMIN_PASSWORD", password)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
    assert!(told.status.success(), "{text}");
}
