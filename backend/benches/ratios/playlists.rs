//! `live.m3u8` against a bare handler that returns the same bytes.

use std::fs;
use std::time::Duration;

use sluice_testkit::wait::wait_here;

use crate::backend::Backend;
use crate::client::{self, Connection};
use crate::feed::{self, Feed};
use crate::table::{Row, take_turns};
use crate::{bare, meter, wrk};

/// A show long enough to fill the live window.
const SEGMENTS: usize = 20;

pub(crate) async fn measure() -> Vec<Row> {
    let backend = Backend::start(1).await;
    let path = live_playlist(&backend);
    let dir = backend.bare_dir();
    let fetch = |headers: &str| Connection::open(backend.port()).ask(&client::get(&path, headers)).body;
    let (plain, gzip) = (fetch(""), fetch("Accept-Encoding: gzip\r\n"));
    assert!(
        plain.starts_with(b"#EXTM3U") && gzip.starts_with(b"\x1f\x8b"),
        "playlists in both encodings"
    );
    fs::write(dir.join(bare::PLAIN), &plain).expect("a file");
    fs::write(dir.join(bare::GZIP), &gzip).expect("a file");
    let server = bare::start(backend.other_port(), &dir);
    let compare = |what: &str, bytes: usize, headers: &[&str], other: &str| {
        let load = |server: u32, port: u16, path: &str| {
            let url = &format!("http://127.0.0.1:{port}{path}");
            let load = wrk::Load {
                url,
                headers,
                script: None,
            };
            meter::run(server, || wrk::run(&load))
        };
        let turns = take_turns(
            || load(backend.child.id(), backend.port(), &path),
            || load(server.id(), backend.other_port(), &format!("/{other}")),
        );
        let what = format!("live.m3u8, {what} ({bytes} bytes) / a bare handler, same bytes");
        Row::ratio(&what, &turns, 0.9)
    };
    vec![
        compare("plain", plain.len(), &[], bare::PLAIN),
        compare("gzip", gzip.len(), &["Accept-Encoding: gzip"], bare::GZIP),
    ]
}

/// Makes a show of some length and returns the path of its playlist, once all of it is listed.
fn live_playlist(backend: &Backend) -> String {
    let session = backend.publish(0, 1);
    let mut feed = Feed::new(backend.config.spool_dir().join(session));
    let sample = feed::sample();
    for _ in 0..SEGMENTS {
        feed.commit(&sample);
    }
    let path = format!("/live/{}/live.m3u8", backend.channels[0].slug);
    wait_here(Duration::from_secs(20), "the show is listed", || {
        let answer = Connection::open(backend.port()).ask(&client::get(&path, ""));
        let last = format!("-{:08}.ts", SEGMENTS - 1);
        String::from_utf8_lossy(&answer.body).contains(&last).then_some(())
    });
    path
}
