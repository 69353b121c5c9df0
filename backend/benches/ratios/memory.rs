//! The backend's memory with a hundred channels on air, watched by two players each.

use std::time::Duration;

use sluice_testkit::wait_for;

use crate::backend::Backend;
use crate::client::{self, Connection};
use crate::feed::{self, Feed, SEGMENT_MS};
use crate::table::Row;

const CHANNELS: usize = 100;
/// Two minutes of show on each channel.
const SEGMENTS: usize = 60;
const AIM_MB: f64 = 60.0;

pub(crate) async fn measure() -> Row {
    let backend = Backend::start(CHANNELS).await;
    let sample = feed::sample();
    let mut feeds: Vec<_> = (0..CHANNELS)
        .map(|channel| Feed::new(backend.config.spool_dir().join(backend.publish(channel, channel + 1))))
        .collect();
    // A channel's first segment has the number 1.
    for number in 1..=SEGMENTS {
        feeds.iter_mut().for_each(|feed| feed.commit(&sample));
        listed(&backend, number).await;
    }
    let (now, peak) = backend.memory_mb();
    let minutes = SEGMENTS as u64 * SEGMENT_MS / 60_000;
    Row {
        what: format!("memory of the backend, {CHANNELS} channels on air for {minutes} min each"),
        result: format!("{now:.0} MB, {peak:.0} MB at its highest"),
        aim: format!("≤ {AIM_MB} MB"),
        met: now <= AIM_MB,
    }
}

/// Waits until every channel lists its segment of this number, as two players that come by and ask.
async fn listed(backend: &Backend, number: usize) {
    let last = format!("-{number:08}.ts");
    let mut connection = Connection::open(backend.port());
    for channel in &backend.channels {
        let path = format!("/live/{}/live.m3u8", channel.slug);
        wait_for(Duration::from_secs(60), "the segment is listed", async || {
            connection.ask(&client::get(&path, "User-Agent: one\r\nAccept-Encoding: gzip\r\n"));
            let answer = connection.ask(&client::get(&path, "User-Agent: other\r\n"));
            String::from_utf8_lossy(&answer.body).contains(&last).then_some(())
        })
        .await;
    }
}
