//! What takes the disk long holds up nobody else.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use sluice_testkit::wait_for;

use crate::growing::{BOUND, PART, RATE, Show, parts};
use crate::shows::publish;

/// Two seconds.
const SEGMENT: u64 = 2 * RATE;

#[tokio::test]
async fn a_disk_that_is_slow_with_what_one_channel_left_holds_up_no_parts_of_another() {
    let mut show = Show::watched(SEGMENT).await;
    show.owner.channel("slow").await;
    let key = show.owner.key("slow").await;
    let session = publish(&show.app, &key.key, 2).await.expect("a valid key");
    let spool = show.app.config().spool_dir().join(&session);
    // Who reads this waits for as long as nobody writes.
    let left = spool.join("1795213253850.ts");
    mkfifo(&left, Mode::S_IRWXU).unwrap();
    let end = format!("/api/v1/channels/slow/sessions/{session}/end");
    show.owner.post(&end, serde_json::json!({})).await.is(204);
    let disk = wait_for(BOUND, "it is read", async || opened(&left)).await;
    show.writes(2 * PART);
    show.has("#EXT-X-PART:").await;
    show.writes(SEGMENT - 2 * PART);
    show.closes_segment();
    let segments = async || (show.asks("").await.text.matches("#EXTINF:").count() == 2).then_some(());
    wait_for(BOUND, "another segment", segments).await;
    assert!(spool.exists(), "it is still being read");
    drop(disk);
    wait_for(BOUND, "nothing is left", async || (!spool.exists()).then_some(())).await;
}

/// For writing, once somebody reads.
fn opened(fifo: &Path) -> Option<File> {
    let mut options = File::options();
    options
        .write(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(fifo)
        .ok()
}

#[tokio::test]
async fn an_archive_on_another_file_system_gets_copies_in_their_order() {
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    let mut show = Show::begin().await;
    let archive = show.app.config().archive_dir();
    fs::remove_dir_all(&archive).unwrap();
    symlink(elsewhere.path(), &archive).unwrap();
    if is_on_one(elsewhere.path(), &show.app.config().spool_dir()) {
        return;
    }
    let mut archived = Vec::new();
    for msn in 1..=4 {
        archived.push(show.archived(msn));
        show.writes(SEGMENT);
        show.closes_segment();
        show.asks("").await;
    }
    let text = wait_for(BOUND, "all of it", async || {
        let text = show.asks("").await.text;
        (text.matches("#EXTINF:").count() == 4).then_some(text)
    })
    .await;
    assert!(archived.iter().all(|file| file.exists()));
    assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{text}");
    show.writes(PART);
    wait_for(BOUND, "a part behind them", async || {
        let text = show.asks("").await.text;
        (parts(text.rsplit("#EXTINF:").next()?).len() == 1).then_some(())
    })
    .await;
}

fn is_on_one(one: &Path, other: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    device(one) == device(other)
}
