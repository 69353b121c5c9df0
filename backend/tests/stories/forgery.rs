//! A client may append what it likes to its stream's name; it speaks for nobody but itself.

use sluice_testkit::Stack;

use crate::show::{BOUND, Channel};

const FORGED: &str = "?name=evil&call=done&clientid=1&addr=127.0.0.1&app=&flashver=ngx-local-relay";

#[tokio::test]
async fn arguments_behind_a_wrong_key_change_nothing_for_anyone() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    let before = channel.last_msn().await;
    let mut forger = stack.publish(&format!("sk_{}{FORGED}", "x".repeat(32)));
    forger.thrown_out(BOUND).await;
    channel.has_segment_after(before).await;
    assert!(publisher.is_connected() && channel.is_live().await);
    assert_eq!(channel.owner.sessions("stage").await.len(), 1);
}

#[tokio::test]
async fn arguments_behind_a_right_key_leave_the_show_what_it_is() {
    let stack = Stack::start().await;
    let first = Channel::of(&stack, "first").await;
    let mut publisher = first.goes_live(&stack).await;
    let second = Channel::of(&stack, "second").await;
    let mut forger = stack.publish(&format!("{}{FORGED}", second.key.key));
    forger.connected().await;
    second.has_segment_after(None).await;
    let session = second.newest_session().await.unwrap();
    assert_ne!(session["encoder"], "ngx-local-relay");
    forger.stop();
    assert_eq!(second.end_reason().await, "ended_by_encoder");
    assert!(publisher.is_connected() && first.is_live().await);
}

#[tokio::test]
async fn hooks_from_another_machine_or_out_of_nothing_end_no_show() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    let api = stack.backend_api();
    let done = "clientid=1&name=x&addr=192.0.2.1&app=live";
    for (forwarded, status) in [(Some("192.0.2.1"), 403), (None, 204)] {
        for hook in ["publish_done", "done"] {
            for client in 0..40 {
                let mut request = api.request(reqwest::Method::POST, &format!("/hooks/{hook}"));
                if let Some(address) = forwarded {
                    request = request.header("x-forwarded-for", address);
                }
                let body = done.replace("clientid=1", &format!("clientid={client}"));
                assert_eq!(request.body(body).send().await.unwrap().status(), status);
            }
        }
    }
    let before = channel.last_msn().await;
    channel.has_segment_after(before).await;
    assert!(publisher.is_connected() && channel.is_live().await);
}
