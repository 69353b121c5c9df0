//! The archive's disk fills in the middle of a show, and is emptied again.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;
use sluice_config::ExposeSecret;
use sluice_store::Store;
use sluice_testkit::{Api, Player, Stack, disk::Disk, pair, wait_for};

use crate::show::{BOUND, Channel, last_msn, spooled, tag};

/// The tables in front of a part: two packets.
const PREFIX: usize = 376;
/// Refused as often before room is made: a stall that every player notices.
const REFUSED: usize = 4;

async fn administrator(stack: &Stack) -> Api {
    let log = stack.backend_log();
    let (_, rest) = log.split_once("password ").expect("the first start shows a password");
    let password = rest.split_whitespace().next().unwrap();
    stack.api().logged_in(&stack.config().admin_email, password).await
}

/// What readiness and the administrator's page say of the archive.
async fn told(stack: &Stack, administrator: &Api) -> (Value, Value) {
    let readiness = stack.api().get("/readyz").await.json();
    let checks = readiness["checks"].as_array().unwrap();
    let archive = checks.iter().find(|check| check["name"] == "archive").unwrap();
    let storage = administrator.get("/api/v1/admin/storage").await.is(200).json();
    (archive["ok"].clone(), storage["intake_problem"].clone())
}

#[tokio::test]
async fn a_show_goes_on_while_its_archive_is_full_and_is_whole_again_as_soon_as_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(&dir.path().join("data/archive"), 64) else {
        return;
    };
    let stack = Stack::builder()
        .env("DATA_DIR", dir.path().join("data").display().to_string())
        .start()
        .await;
    let administrator = administrator(&stack).await;
    let channel = Channel::of(&stack, "stage").await;
    let player = Player::of(&stack.api(), "stage");
    let mut publisher = channel.goes_live(&stack).await;
    let before = channel.has_segment_after(Some(2)).await;
    assert_eq!(told(&stack, &administrator).await, (true.into(), Value::Null));

    let filler = disk.fill();
    wait_for(BOUND, "segments wait", async || {
        (spooled(&stack) > REFUSED).then_some(())
    })
    .await;
    let (archive, problem) = told(&stack, &administrator).await;
    assert_eq!(archive, false);
    assert!(
        problem.as_str().unwrap().contains("No space left on device"),
        "{problem}"
    );
    assert!(publisher.is_connected() && channel.is_live().await, "the show goes on");
    let stalled = channel.playlist().await.expect("what was listed is still served");
    let listed = last_msn(&stalled).unwrap();
    assert!(listed >= before);

    fs::remove_file(filler).unwrap();
    let (room, target_s) = (Instant::now(), tag(&stalled, "#EXT-X-TARGETDURATION:").unwrap());
    let last = channel.has_segment_after(Some(listed + REFUSED as u64 - 1)).await;
    let took = room.elapsed();
    assert!(took <= Duration::from_secs(target_s.parse().unwrap()), "after {took:?}");
    wait_for(BOUND, "nothing is amiss any more", async || {
        (told(&stack, &administrator).await == (true.into(), Value::Null)).then_some(())
    })
    .await;
    channel.has_segment_after(Some(last + 2)).await;
    publisher.stop();
    assert_eq!(channel.end_reason().await, "ended_by_encoder");
    nothing_was_truncated(&stack, &player).await;
}

#[tokio::test]
async fn an_encoder_that_comes_back_while_the_archive_is_full_loses_nothing_of_before() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(&dir.path().join("data/archive"), 64) else {
        return;
    };
    let stack = Stack::builder()
        .env("DATA_DIR", dir.path().join("data").display().to_string())
        .start()
        .await;
    let channel = Channel::of(&stack, "stage").await;
    let mut publisher = channel.goes_live(&stack).await;
    channel.has_segment_after(Some(2)).await;
    let filler = disk.fill();
    let waiting = async |count| {
        let look = async || (spooled(&stack) >= count).then_some(());
        wait_for(BOUND, "segments wait", look).await;
    };
    waiting(REFUSED).await;
    publisher.stop();
    let before = spooled(&stack);
    let mut second = stack.publish(&channel.key.key);
    second.connected().await;
    waiting(before + REFUSED).await;
    let listed = last_msn(&channel.playlist().await.unwrap()).unwrap();

    fs::remove_file(filler).unwrap();
    channel
        .has_segment_after(Some(listed + (before + REFUSED) as u64 - 2))
        .await;
    let store = Store::connect(stack.config().database_url.expose_secret())
        .await
        .unwrap();
    let id = store.channels().by_slug("stage").await.unwrap().unwrap().id;
    let index = store.segments().latest(&id, 1000).await.unwrap();
    let second_begins = index.iter().rposition(|segment| segment.seq == 0).unwrap();
    for (segment, seq) in index[..second_begins].iter().zip(0..) {
        assert_eq!(segment.seq, seq, "a segment is missing");
    }
    assert!(
        second_begins >= before,
        "{second_begins} of the first, where {before} waited"
    );
    assert!(second.is_connected());
    assert!(!stack.backend_log().contains("is left in the spool"));
}

/// Every version that was served keeps the rules, every body that was fetched is whole, and so is the archive.
async fn nothing_was_truncated(stack: &Stack, player: &Player) {
    let seen = wait_for(BOUND, "the end of the list", async || {
        let seen = player.seen();
        seen.versions.last()?.1.contains("ENDLIST").then_some(seen)
    })
    .await;
    let violations = pair::check(&seen.versions);
    assert!(violations.is_empty(), "{violations:#?}");
    let compared = pair::check_bytes(&seen.versions, &seen.bodies, PREFIX);
    assert!(compared.violations.is_empty(), "{:#?}", compared.violations);
    let store = Store::connect(stack.config().database_url.expose_secret())
        .await
        .unwrap();
    let id = store.channels().by_slug("stage").await.unwrap().unwrap().id;
    let (_, text) = seen.versions.last().unwrap();
    let last = i64::try_from(last_msn(text).unwrap()).unwrap();
    let index = wait_for(BOUND, "every segment is in the index", async || {
        let index = store.segments().latest(&id, 1000).await.unwrap();
        (index.last()?.msn == last).then_some(index)
    })
    .await;
    for (segment, seq) in index.iter().zip(0..) {
        assert_eq!(segment.seq, seq, "a segment is missing");
        let path = format!("/live/stage/segments/{}.ts", segment.name);
        let answer = stack.api().request(reqwest::Method::GET, &path).send().await.unwrap();
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(i64::try_from(bytes.len()).unwrap(), segment.bytes, "{path}");
    }
}
