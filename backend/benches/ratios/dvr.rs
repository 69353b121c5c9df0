//! `dvr.m3u8` of a day, 14,400 segments: against nginx with the same bytes in files, and against a program that rewrites
//! the media server's playlist for each request; what it costs to make and to hold; and thousands that wait for it.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use sluice_backend::clock;
use sluice_hls::dvr::Index;
use sluice_hls::recorded::{Kind, Place, Recorded, Style};
use sluice_testkit::process::{Child, Launch};
use sluice_testkit::wait::wait_here;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::backend::Backend;
use crate::client::{self, Connection};
use crate::cores::SERVER_PREFIX;
use crate::crowd;
use crate::feed::{self, Feed};
use crate::table::{RUNS, Row, median, take_many_turns};
use crate::{meter, wrk};

/// A day of six seconds each.
const SEGMENTS: i64 = 14_400;
const LENGTH_MS: i64 = 6_000;
const CHANNELS: usize = 50;
const GZIP: &str = "Accept-Encoding: gzip\r\n";
/// Requests that are enough to tell how fast the rewriter is.
const REWRITTEN: usize = 30;
/// Versions that are made to tell what one costs.
const VERSIONS: u64 = 50;
/// How often playlists are compared: two servers that do the same differ by a twentieth from one run to the next.
const TURNS: usize = 15;

/// What needs both cores: memory, and the making.
pub(crate) async fn measure() -> Vec<Row> {
    vec![built(), memory().await]
}

/// What is pinned.
pub(crate) async fn measure_pinned() -> Vec<Row> {
    let backend = Backend::start(1).await;
    record(&backend).await;
    let mut feed = Feed::new(backend.config.spool_dir().join(backend.publish(0, 1)));
    let sample = feed::sample();
    feed.commit(&sample);
    let path = format!("/live/{}/dvr.m3u8", backend.channels[0].slug);
    let delta_path = format!("{path}?_HLS_skip=YES");
    let fetch = |path: &str, headers: &str| Connection::open(backend.port()).ask(&client::get(path, headers)).body;
    wait_here(Duration::from_secs(30), "the segment is listed", || {
        let text = String::from_utf8(fetch(&path, "")).expect("a playlist");
        (text.matches("#EXTINF").count() as i64 > SEGMENTS - 20 && text.contains("#EXTINF:2.000")).then_some(())
    });
    let files = tempfile::tempdir().expect("a temporary directory");
    for (name, path) in [("dvr.m3u8", &path), ("delta.m3u8", &delta_path)] {
        fs::write(files.path().join(name), fetch(path, "")).expect("a file");
        fs::write(files.path().join(format!("{name}.gz")), fetch(path, GZIP)).expect("a file");
    }
    let nginx = nginx(backend.other_port(), files.path());
    let front = backend.front();
    handed_over(&backend, &path);
    let site = Side {
        server: worker(&front),
        port: backend.config.http_port,
    };
    let alone = Side {
        server: backend.child.id(),
        port: backend.port(),
    };
    let compare = |what: &str, ours: Side, path: &str, file: &str| {
        let load = |server: u32, port: u16, path: &str| {
            let url = &format!("http://127.0.0.1:{port}{path}");
            let headers = &["Accept-Encoding: gzip"][..];
            let load = wrk::Load {
                url,
                headers,
                script: None,
            };
            meter::run(server, || wrk::run(&load))
        };
        let turns = take_many_turns(
            TURNS,
            || load(ours.server, ours.port, path),
            || load(worker(&nginx), backend.other_port(), &format!("/{file}")),
        );
        let bytes = fs::metadata(files.path().join(format!("{file}.gz")))
            .expect("a file")
            .len();
        let what = format!("{what}, gzip ({bytes} bytes) / nginx gzip_static, same bytes");
        Row::ratio(&what, &turns, 1.0)
    };
    let full = compare("dvr.m3u8 at the site's address", site, &path, "dvr.m3u8");
    let mut unaided = compare("the same from the backend's own port", alone, &path, "dvr.m3u8");
    (unaided.aim, unaided.met) = ("none".to_owned(), true);
    let delta = compare("its delta update from there", alone, &delta_path, "delta.m3u8");
    let [whole, reload] = rewritten(&backend, [(site, &path), (alone, &delta_path)], files.path());
    drop((nginx, front));
    let waiting = crowd::measure(&backend, &path, &mut || feed.commit(&sample));
    vec![full, unaided, delta, whole, reload, waiting]
}

/// A server of ours, and the process whose time counts.
#[derive(Clone, Copy)]
struct Side {
    server: u32,
    port: u16,
}

/// Asks as the first viewer does, and waits until the others are answered by nginx.
fn handed_over(backend: &Backend, path: &str) {
    let file = backend.config.handover_dir().join(format!("{}.gz", &path[1..]));
    wait_here(Duration::from_secs(30), "the playlist is handed over to nginx", || {
        let answer = Connection::open(backend.config.http_port).ask(&client::get(path, GZIP));
        assert_eq!(answer.status, 200);
        file.exists().then_some(())
    });
}

/// A day of segments on every channel, ending now.
async fn record(backend: &Backend) {
    let options = SqliteConnectOptions::new().filename(backend.config.data_dir.join("sluice.db"));
    let pool = SqlitePool::connect_with(options).await.expect("the backend's database");
    let begin_ms = clock::now().0 / 1000 * 1000 - (SEGMENTS - 5) * LENGTH_MS;
    let sql = "WITH RECURSIVE n(seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM n WHERE seq + 1 < ?) \
               INSERT INTO segments (channel_id, msn, session_id, seq, name, started_at, duration_us, bytes, \
               discontinuity, discontinuity_seq, target_s, starts_show) \
               SELECT ?, seq + 1, 'past-' || ?, seq, \
               strftime('%Y%m%d-%H%M%S', (? + seq * 6000) / 1000, 'unixepoch') || '-' || printf('%08d', seq + 1), \
               ? + seq * 6000, 6000000, 1500000, seq = 0, 1, 6, seq = 0 FROM n";
    for channel in &backend.channels {
        let insert = sqlx::query(sql).bind(SEGMENTS).bind(&channel.slug).bind(&channel.slug);
        insert.bind(begin_ms).bind(begin_ms).execute(&pool).await.expect("rows");
    }
    pool.close().await;
}

/// nginx, on the server's core, with files that are compressed beforehand, and the headers that players need. It keeps
/// files open for a second: a playlist that was replaced may not be sent for longer.
fn nginx(port: u16, files: &Path) -> Child {
    let root = files.display();
    let config = format!(
        "daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n\
         open_file_cache max=100; open_file_cache_valid 1s;\n\
         types {{ application/vnd.apple.mpegurl m3u8; }}\n\
         server {{ listen 127.0.0.1:{port}; root {root}; gzip_static on; gzip_vary on;\n\
         add_header Cache-Control 'public, max-age=1'; add_header Access-Control-Allow-Origin *;\n\
         add_header X-Content-Type-Options nosniff; add_header Cross-Origin-Resource-Policy cross-origin;\n\
         add_header Access-Control-Expose-Headers 'Age, Content-Length, Content-Range, Date, ETag'; }} }}\n"
    );
    let file = files.join("nginx.conf");
    fs::write(&file, config).expect("a file");
    let [program, rest @ ..] = SERVER_PREFIX;
    let launch = Launch::new(program, files.join("nginx.log"))
        .args(rest)
        .args(["nginx", "-c"]);
    serving(launch.args([file]), port)
}

/// The process that answers is nginx's only child.
fn worker(nginx: &Child) -> u32 {
    let id = nginx.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("nginx runs");
    children
        .split_whitespace()
        .next()
        .and_then(|id| id.parse().ok())
        .expect("nginx has a worker")
}

/// The whole playlist, and what a player gets that has it and asks again, against the program that rewrites a playlist
/// of as many segments for each request.
fn rewritten(backend: &Backend, ours: [(Side, &String); 2], files: &Path) -> [Row; 2] {
    let lines = (0..SEGMENTS).map(|n| format!("#EXTINF:6.000,\n{}.ts\n", 1_795_213_253_850 + n * LENGTH_MS));
    let head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:6\n".to_owned();
    let source = files.join("index.m3u8");
    fs::write(&source, head + &lines.collect::<String>()).expect("a file");
    let port = backend.spare_port();
    let [program, rest @ ..] = SERVER_PREFIX;
    let bind = format!("{}:{port}", Ipv4Addr::LOCALHOST);
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/ratios");
    let launch = Launch::new(program, files.join("gunicorn.log"))
        .args(rest)
        // -B: it leaves nothing beside its source.
        .args(["/usr/bin/python3", "-B", "-m", "gunicorn", "--workers", "1", "--bind", &bind])
        .args(["--chdir", here, "--env", &format!("PLAYLIST={}", source.display()), "rewriter:app"]);
    let _gunicorn = serving(launch, port);
    let theirs = || {
        let begun = Instant::now();
        for _ in 0..REWRITTEN {
            // gunicorn's plain worker closes the connection behind each answer.
            let answer = Connection::open(port).ask(&client::get("/dvr.m3u8", ""));
            assert_eq!(answer.status, 200);
        }
        REWRITTEN as f64 / begun.elapsed().as_secs_f64()
    };
    theirs();
    let rates = |(side, path): (Side, &String)| {
        let load = wrk::Load {
            url: &format!("http://127.0.0.1:{}{path}", side.port),
            headers: &["Accept-Encoding: gzip"],
            script: None,
        };
        let turns = (0..RUNS).map(|_| (wrk::run(&load).1, theirs()));
        turns.collect::<Vec<_>>()
    };
    let [whole, delta] = ours.map(rates);
    [
        ("dvr.m3u8 at the site's address, gzip", whole),
        ("its delta update", delta),
    ]
    .map(|(what, turns)| {
        // Of each turn, as with other ratios.
        let ratio = median(turns.iter().map(|(ours, theirs)| ours / theirs));
        let (ours, theirs) = turns.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        let (ours, theirs) = (median(ours), median(theirs));
        Row {
            what: format!("{what} / Flask and gunicorn, rewriting the whole for each request"),
            result: format!("{ours:>7.0}/s against {theirs:>7.1}/s = {ratio:.0}"),
            aim: "≥ 2000".to_owned(),
            met: ratio >= 2000.0,
        }
    })
}

fn serving(launch: Launch, port: u16) -> Child {
    let server = launch.start();
    wait_here(Duration::from_secs(20), "the server listens", || {
        std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
    });
    server
}

/// What it takes to make a version of a day's playlist, as text and in gzip.
fn built() -> Row {
    let segment = |msn: u64| Recorded {
        msn,
        started_at_ms: 1_795_213_253_850 + i64::try_from(msn).unwrap() * LENGTH_MS,
        duration_us: 6_000_000,
        discontinuity: msn == 1,
        discontinuity_seq: 1,
        place: Place::Here,
    };
    let mut index = Index::default();
    let day = SEGMENTS.unsigned_abs();
    (1..=day).for_each(|msn| index.push(segment(msn), 6));
    let (mut texts, mut zips) = (Vec::new(), Vec::new());
    for msn in day + 1..=day + VERSIONS {
        index.push(segment(msn), 6);
        index.slide(segment(msn - day).started_at_ms + 1);
        let (head, range) = (index.head(Kind::Window, index.range()).unwrap(), index.range());
        let begun = Instant::now();
        let text = index.text(&head, range.clone(), Style::default());
        texts.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(text.matches("#EXTINF").count() as u64, day);
        let begun = Instant::now();
        let _ = index.gzip(&head, range, Style::default());
        zips.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let (first, text, zip) = (zips[0], median(texts), median(zips));
    Row {
        what: format!("dvr.m3u8 of {SEGMENTS} segments is made"),
        result: format!("text {text:.1} ms, gzip {zip:.1} ms ({first:.1} ms the first time)"),
        aim: "≤ 20 ms".to_owned(),
        met: text + zip <= 20.0,
    }
}

/// The backend's memory once a day of every channel was asked for.
async fn memory() -> Row {
    let backend = Backend::start(CHANNELS).await;
    record(&backend).await;
    let (before, _) = backend.memory_mb();
    let mut connection = Connection::open(backend.port());
    for channel in &backend.channels {
        let path = format!("/live/{}/dvr.m3u8", channel.slug);
        let answer = connection.ask(&client::get(&path, GZIP));
        assert_eq!(answer.status, 200);
    }
    let (now, peak) = backend.memory_mb();
    Row {
        what: format!("memory of the backend, {CHANNELS} channels with {SEGMENTS} segments each"),
        result: format!("{now:.0} MB, {peak:.0} MB at its highest; {before:.0} MB before"),
        aim: "≤ 150 MB".to_owned(),
        met: now <= 150.0,
    }
}
