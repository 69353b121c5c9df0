//! What players get, over a whole show with a reconnect.

use std::{fs, path::Path, process::Command, time::Duration};

use sluice_testkit::{Stack, pair, wait_for};

use crate::show::{BOUND, Channel, Watcher};

/// Three minutes of show, as long as it takes a rule about sliding windows to break.
const FIRST_HALF: Duration = Duration::from_secs(90);

#[tokio::test]
async fn every_version_of_a_three_minute_show_with_a_reconnect_keeps_the_rules() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let watcher = Watcher::of(&stack.api(), "/live/stage/live.m3u8".into());
    for _ in 0..2 {
        let mut publisher = channel.goes_live(&stack).await;
        wait_for(FIRST_HALF + BOUND, "half of the show", async || {
            assert!(publisher.is_connected(), "{}", publisher.log());
            (publisher.sent() >= FIRST_HALF).then_some(())
        })
        .await;
        publisher.stop();
    }
    wait_for(BOUND, "the end of the list", async || {
        channel.playlist().await.filter(|text| text.contains("ENDLIST"))
    })
    .await;
    let versions = watcher.versions();
    assert!(versions.len() >= 80, "only {} versions were seen", versions.len());
    let violations = pair::check(&versions);
    assert!(violations.is_empty(), "{violations:#?}");
    strict_parser_accepts(stack.dir(), &versions);
}

#[tokio::test]
async fn ffmpeg_plays_across_a_reconnect() {
    let stack = Stack::start().await;
    let channel = Channel::of(&stack, "stage").await;
    let mut first = channel.goes_live(&stack).await;
    let before = channel.last_msn().await;
    let url = stack.api().url("/live/stage/index.m3u8");
    let mut player = Command::new("ffmpeg")
        .args(["-v", "error", "-i", &url, "-map", "0:v", "-t", "16", "-f", "framemd5"])
        .arg(stack.dir().join("frames"))
        .spawn()
        .unwrap();
    channel.has_segment_after(before).await;
    first.stop();
    channel.end_reason().await;
    let _second = channel.goes_live(&stack).await;
    let status = wait_for(BOUND, "sixteen seconds are played", async || player.try_wait().unwrap()).await;
    assert!(status.success());
    let frames = fs::read_to_string(stack.dir().join("frames")).unwrap();
    let decoded = frames.lines().filter(|line| !line.starts_with('#')).count();
    assert!(decoded > 300, "only {decoded} frames were decoded");
}

/// Each version through npm's hls-parser in strict mode, which the frontend's packages bring.
fn strict_parser_accepts(dir: &Path, versions: &[(u64, String)]) {
    let texts: Vec<&str> = versions.iter().map(|(_, text)| text.as_str()).collect();
    let file = dir.join("versions.json");
    fs::write(&file, serde_json::to_vec(&texts).unwrap()).unwrap();
    let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend");
    let judged = Command::new("node")
        .current_dir(&frontend)
        .arg("e2e/strict-playlists.mjs")
        .arg(&file)
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
}
