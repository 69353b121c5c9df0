//! The whole story on a database server.

use sluice_testkit::{Stack, databases::Engine};

use crate::show::{BOUND, Channel};

#[tokio::test]
async fn a_show_goes_live_and_ends_on_postgresql() {
    whole_story(Engine::Postgres).await;
}

#[tokio::test]
async fn a_show_goes_live_and_ends_on_mariadb() {
    whole_story(Engine::MariaDb).await;
}

async fn whole_story(engine: Engine) {
    let database = engine.database();
    let mut stack = Stack::builder().database(&database.url).start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    let mut second = stack.publish(&channel.key.key);
    second.thrown_out(BOUND).await;
    assert_eq!(channel.refusal().await, "channel_busy");
    stack.kill_backend();
    stack.start_backend().await;
    let before = channel.last_msn().await;
    channel.has_segment_after(before).await;
    publisher.stop();
    assert_eq!(channel.end_reason().await, "ended_by_encoder");
}
