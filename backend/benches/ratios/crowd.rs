//! Thousands of players that wait for the same segment.

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::backend::Backend;
use crate::client::{self, Connection};
use crate::reach::Reach;
use crate::table::Row;

const PLAYERS: usize = 5_000;
const AIM_MS: f64 = 150.0;
/// Longer than the requests may be held.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets players wait for the segment that `commit` brings to the playlist at `path`, which has a query already.
pub(crate) fn measure(backend: &Backend, path: &str, commit: &mut dyn FnMut()) -> Row {
    more_files();
    let port = backend.port();
    let ask = |path: &str| {
        Connection::open(port)
            .ask(&client::get(path, "Accept-Encoding: gzip\r\n"))
            .body
    };
    let plain = Connection::open(port)
        .ask(&client::get(path.split('?').next().unwrap(), ""))
        .body;
    let next = Reach::of(&plain).next_msn;
    let request = Arc::new(client::get(
        &format!("{path}&_HLS_msn={next}"),
        "Accept-Encoding: gzip\r\n",
    ));
    let ready = Arc::new(Barrier::new(2));
    let players = {
        let ready = Arc::clone(&ready);
        std::thread::spawn(move || all(port, &request, &ready))
    };
    ready.wait();
    // All requests are sent; those that wait are counted by the server.
    sluice_testkit::wait::wait_here(PATIENCE, "all wait", || {
        let metrics = String::from_utf8(ask("/metrics")).unwrap_or_default();
        let waiting = metrics
            .lines()
            .find_map(|line| line.strip_prefix("sluice_waiting_requests "));
        (waiting?.parse::<f64>().ok()? >= PLAYERS as f64).then_some(())
    });
    let committed = Instant::now();
    commit();
    let answers = players.join().expect("players that go on");
    let mut after: Vec<f64> = answers
        .iter()
        .map(|(at, _)| at.duration_since(committed).as_secs_f64() * 1e3)
        .collect();
    after.sort_by(f64::total_cmp);
    let same = answers
        .iter()
        .all(|(_, body)| *body == answers[0].1 && body.starts_with(b"\x1f\x8b"));
    assert!(same, "not all were sent the same");
    let at = |percent: usize| after[(after.len() - 1) * percent / 100];
    Row {
        what: format!("{PLAYERS} players that wait for a segment, from its commit to their answers"),
        result: format!(
            "p50 {:.0} ms, p99 {:.0} ms, at most {:.0} ms, one version for all",
            at(50),
            at(99),
            at(100)
        ),
        aim: format!("≤ {AIM_MS} ms"),
        met: at(99) <= AIM_MS,
    }
}

/// When each player had its answer, and what it was.
fn all(port: u16, request: &Arc<Vec<u8>>, ready: &Barrier) -> Vec<(Instant, Vec<u8>)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut players = Vec::with_capacity(PLAYERS);
        for _ in 0..PLAYERS {
            let mut stream = TcpStream::connect(("127.0.0.1", port))
                .await
                .expect("the server takes connections");
            stream.write_all(request).await.expect("the server takes requests");
            players.push(tokio::spawn(answer(stream)));
        }
        ready.wait();
        let mut answers = Vec::with_capacity(PLAYERS);
        for player in players {
            answers.push(player.await.expect("an answer"));
        }
        answers
    })
}

async fn answer(mut stream: TcpStream) -> (Instant, Vec<u8>) {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece).await.expect("an answer");
        assert!(count > 0, "the server hung up");
        read.extend_from_slice(&piece[..count]);
        if let Some(body) = body(&read) {
            return (Instant::now(), body.to_vec());
        }
    }
}

/// The body, once all of it is there.
fn body(read: &[u8]) -> Option<&[u8]> {
    let head_end = read.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&read[..head_end]).to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length = head
        .split("content-length: ")
        .nth(1)?
        .split("\r\n")
        .next()?
        .parse()
        .ok()?;
    read[head_end..].get(..length)
}

/// As many open files as the system allows.
fn more_files() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("a higher limit");
}
