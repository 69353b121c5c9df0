//! A show with holes in it, by encoders that freeze or know of their picture late, and by a media server that is killed.

use std::time::Duration;

use sluice_testkit::{
    Encoder, Stack,
    flv::{self, Kind, Tag},
    player::Seen,
    rtmp, wait_for,
};
use tokio::task::JoinSet;

use crate::{
    show::BOUND,
    stage::{Stage, has_sent},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_with_holes_in_it_is_played_part_by_part_and_whole() {
    let mut stack = Stack::start().await;
    let encoder = Encoder {
        gop: 60,
        ..Encoder::default()
    };
    let tags = flv::record(&encoder, Duration::from_secs(14));
    let holes = [
        ("frozen", frozen(&tags)),
        ("congested", congested(&tags)),
        ("late-picture", late_picture(&tags)),
        ("mobile", late_header(&tags)),
    ];
    let (mut stages, mut clients) = (Vec::new(), JoinSet::new());
    for (slug, tags) in holes {
        let stage = Stage::of(&stack, slug, &encoder).await;
        let (server, key) = (stack.rtmp(), stage.channel.key.key.clone());
        clients.spawn(async move {
            let mut client = rtmp::Client::connect(server, "live").await.unwrap();
            client.publish(key).await.unwrap();
            assert!(client.hears("NetStream.Publish.Start", BOUND).await);
            client.send_in_time(&tags).await.unwrap();
            client
        });
        stages.push(stage);
    }
    let killed = Stage::of(&stack, "killed", &encoder).await;
    let mut publisher = encoder.publish(&stack.rtmp_url(&killed.channel.key.key));
    let clients = clients.join_all().await;
    for stage in &stages {
        stage.ends().await;
    }
    drop(clients);
    stack.kill_nginx();
    publisher.thrown_out(BOUND).await;
    stack.start_nginx().await;
    let before = last_msn(&killed.player.seen());
    publisher = wait_for(BOUND, "the encoder is let in again", async || {
        let mut again = encoder.publish(&stack.rtmp_url(&killed.channel.key.key));
        wait_for(BOUND, "an answer", async || {
            (again.is_connected() || !again.is_running()).then_some(())
        })
        .await;
        again.is_running().then_some(again)
    })
    .await;
    killed.channel.has_segment_after(before).await;
    has_sent(&mut publisher, Duration::from_secs(6)).await;
    killed.ends().await;
    stages.push(killed);
    for stage in &stages {
        stage.is_played_whole(&stack, true).await;
    }
}

/// The encoder stops for five seconds in the middle of a GOP, and its clock does not.
fn frozen(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    for tag in tags.iter_mut().filter(|tag| tag.timestamp_ms >= 7_100) {
        tag.timestamp_ms += 5_000;
    }
    tags
}

/// The encoder leaves out pictures until its next keyframe, as one does whose link is too slow; its sound goes on.
fn congested(tags: &[Tag]) -> Vec<Tag> {
    let is_kept = |tag: &&Tag| tag.kind != Kind::Video || !(6_500..7_990).contains(&tag.timestamp_ms);
    tags.iter().filter(is_kept).cloned().collect()
}

/// The picture begins a second after the sound.
fn late_picture(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    for tag in tags
        .iter_mut()
        .filter(|tag| tag.kind == Kind::Video && tag.body[1] == 1)
    {
        tag.timestamp_ms += 1_000;
    }
    tags.sort_by_key(|tag| tag.timestamp_ms);
    tags
}

/// The encoder's sound is ready 400 ms before it knows anything of its picture, as on mobile devices.
fn late_header(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    for tag in tags.iter_mut().filter(|tag| tag.kind == Kind::Video) {
        tag.timestamp_ms += 400;
    }
    tags.sort_by_key(|tag| tag.timestamp_ms);
    tags
}

fn last_msn(seen: &Seen) -> Option<u64> {
    seen.versions.last().and_then(|(_, text)| crate::show::last_msn(text))
}
