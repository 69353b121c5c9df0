//! What clips in the making cost those who watch: a live playlist, asked for at a steady rate by way of nginx, with none and
//! with eight in flight.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use sluice_config::ExposeSecret;
use sluice_domain::clip::Mode;
use sluice_objects::Archive;
use sluice_store::Store;
use sluice_testkit::process::{Child, Launch};
use sluice_testkit::{Stack, wait_for};

use crate::recording::Recording;
use crate::{as_the_clipper, site};

const IN_FLIGHT: usize = 8;
/// Each asks so often, on a connection of its own.
const ASKERS: usize = 8;
const EVERY: Duration = Duration::from_millis(40);
/// Idle and not take turns, so that what else the machine does meets both.
const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(8);
const BOUND: Duration = Duration::from_secs(60);

/// The 99th percentile of a playlist's answer, idle and with clips in flight: the median of the turns; and how many clips
/// were made meanwhile.
pub(crate) struct Waits {
    pub(crate) idle: Duration,
    pub(crate) cutting: Duration,
    pub(crate) clips: usize,
}

pub(crate) async fn measure(recording: &Recording) -> Waits {
    let stack = Stack::start().await;
    let ada = stack.api().signed_up("ada").await;
    ada.channel("live").await;
    let encoder = publish(&stack, &ada.key("live").await.key, recording);
    wait_for(BOUND, "a playlist", async || {
        let listed = ada.get("/live/live/live.m3u8").await.text.matches("#EXTINF").count();
        (listed >= 3).then_some(())
    })
    .await;
    let config = stack.config();
    let store = Store::connect(config.database_url.expose_secret()).await.unwrap();
    let archive = Archive::open(config.archive_dir()).unwrap();
    site::record(&store, &archive, recording).await;
    let env = [
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
        ("DATA_DIR", config.data_dir.display().to_string()),
        ("LOG_DIR", config.log_dir.display().to_string()),
    ];
    let env: BTreeMap<String, String> = env.map(|(name, value)| (name.to_owned(), value)).into();
    let log = stack.dir().join("clipper.log");
    let mut clipper = Launch::new(env!("CARGO_BIN_EXE_sluice-clipper"), log).env(&env).start();
    let (mut idle, mut cutting, mut clips) = (Vec::new(), Vec::new(), 0);
    for _ in 0..TURNS {
        let port = config.http_port;
        idle.push(asked(port));
        let url = config.database_url.expose_secret();
        let (p99, made) = while_cutting(url, recording, port);
        cutting.push(p99);
        clips += made;
    }
    clipper.end_by(Signal::SIGTERM);
    drop(encoder);
    Waits {
        idle: middle(idle),
        cutting: middle(cutting),
        clips,
    }
}

/// Has the recording on air, again and again. It is not encoded here: a streamer's program has a machine of its own.
fn publish(stack: &Stack, key: &str, recording: &Recording) -> Child {
    let (source, target) = (recording.playlist(), stack.rtmp_url(key));
    let launch =
        Launch::new("ffmpeg", stack.dir().join("ffmpeg.log")).args(["-nostdin", "-re", "-stream_loop", "-1", "-i"]);
    launch.args([source]).args(["-c", "copy", "-f", "flv", &target]).start()
}

/// Keeps clips in flight, half of them fast, while the playlist is asked for; then waits for the last of them.
///
/// Whoever asks for the clips, and asks again and again whether they are ready, is on the clipper's share of the machine:
/// only what clips themselves take is to be seen.
fn while_cutting(url: &str, recording: &Recording, port: u16) -> (Duration, usize) {
    let enough = AtomicBool::new(false);
    let keep = async |store: &Store, at: usize| {
        let mode = [Mode::Fast, Mode::Accurate][at % 2];
        let mut made = 0;
        while !enough.load(Ordering::Relaxed) {
            site::once(store, recording, mode).await;
            made += 1;
        }
        made
    };
    let keep_all = async || {
        let store = Store::connect(url).await.unwrap();
        let made: Vec<usize> = join_all((0..IN_FLIGHT).map(|at| keep(&store, at))).await;
        made.iter().sum()
    };
    thread::scope(|threads| {
        let clips = threads.spawn(|| as_the_clipper(keep_all));
        let p99 = std::panic::catch_unwind(|| asked(port));
        // Nobody waits for ever where there is no answer.
        enough.store(true, Ordering::Relaxed);
        (p99.expect("all answers are good"), clips.join().unwrap())
    })
}

/// Asks for the live playlist for a turn. Returns what 99 of 100 answers took at most.
fn asked(port: u16) -> Duration {
    let begun = Instant::now();
    let askers: Vec<_> = (0..ASKERS)
        .map(|at| thread::spawn(move || ask(port, begun + EVERY * at as u32 / ASKERS as u32)))
        .collect();
    let mut all: Vec<Duration> = askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect();
    all.sort();
    all[all.len() * 99 / 100]
}

/// One connection's answers.
fn ask(port: u16, first: Instant) -> Vec<Duration> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    connection.set_nodelay(true).unwrap();
    let mut answers = BufReader::new(connection.try_clone().unwrap());
    let times = TURN.as_millis() / EVERY.as_millis();
    let due = (0..times as u32).map(|at| first + EVERY * at);
    due.map(|due| {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let sent = Instant::now();
        connection
            .write_all(b"GET /live/live/live.m3u8 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        read(&mut answers);
        sent.elapsed()
    })
    .collect()
}

/// Reads an answer to its end.
fn read(answers: &mut impl BufRead) {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        assert!(!line.starts_with("http/") || line.contains(" 200"), "{line}");
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    assert!(length > 0, "a playlist says how long it is");
    answers.take(length).read_to_end(&mut Vec::new()).unwrap();
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}
