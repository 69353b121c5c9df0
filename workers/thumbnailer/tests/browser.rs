//! Thumbnails as a person sees them: in a real browser, on the built site, with a real encoder.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a case that cannot set itself up shall stop there"
)]

use sluice_testkit::Stack;
use sluice_testkit::browser::Program;
use sluice_thumbnailer::Thumbnailer;
use tokio::sync::oneshot;

#[tokio::test]
async fn a_person_sees_what_channels_look_like_now_what_they_looked_like_and_what_is_over() {
    let stack = Stack::builder().built_site().start().await;
    let thumbnailer = Thumbnailer::open(stack.config()).await.unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let at_work = tokio::spawn(thumbnailer.run(async { drop(told.await) }));
    Program::new("run")
        .arg("thumbnails")
        .env("SLUICE_THUMBNAILER", "yes")
        .passes(&stack)
        .await;
    stop.send(()).unwrap();
    at_work.await.unwrap();
}
