//! Clips as a person makes them: in real browsers, on the built site, with a real encoder. A binary of its own, so that
//! two browsers, an encoder and a clipper have the machine to themselves.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a case that cannot set itself up shall stop there"
)]

use sluice_clipper::Clipper;
use sluice_testkit::Stack;
use sluice_testkit::browser::Program;
use tokio::sync::oneshot;

#[tokio::test]
async fn a_person_cuts_clips_between_markers_and_they_play_in_both_browsers() {
    let stack = Stack::builder().built_site().start().await;
    let clipper = Clipper::open(stack.config()).await.unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let at_work = tokio::spawn(clipper.run(async { drop(told.await) }));
    Program::new("run")
        .arg("clips")
        .env("SLUICE_CLIPPER", "yes")
        .passes(&stack)
        .await;
    stop.send(()).unwrap();
    at_work.await.unwrap();
}
