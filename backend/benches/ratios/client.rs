//! An HTTP client small enough to be no part of what is measured: blocking sockets, one thread.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

/// A connection that is kept alive.
pub(crate) struct Connection(BufReader<TcpStream>);

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server listens");
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Answer {
        self.send(request);
        self.read()
    }

    fn send(&mut self, request: &[u8]) {
        self.0.get_mut().write_all(request).expect("the server takes requests");
    }

    fn read(&mut self) -> Answer {
        let mut answer = Answer::default();
        let mut length = 0;
        let mut line = String::new();
        while self.0.read_line(&mut line).expect("an answer") > 0 && line != "\r\n" {
            match line.trim_end().split_once(": ") {
                None => answer.status = line.split(' ').nth(1).expect("a status")[..3].parse().unwrap(),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
                Some((name, value)) if name.eq_ignore_ascii_case("location") => answer.location = Some(value.into()),
                Some(_) => {}
            }
            line.clear();
        }
        answer.body.resize(length, 0);
        self.0.read_exact(&mut answer.body).expect("a whole body");
        answer
    }
}

/// GET, with further header lines such as `Accept-Encoding: gzip\r\n`.
pub(crate) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n").into_bytes()
}

/// POST of a form, as the media server's gateway sends it.
pub(crate) fn post(path: &str, form: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Media-Server: bench-1\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

/// How a burst went.
pub(crate) struct Burst {
    pub(crate) statuses: BTreeMap<u16, usize>,
    pub(crate) took: Duration,
}

impl Burst {
    /// Answers, and answers a second.
    pub(crate) fn rate(&self) -> (f64, f64) {
        let answers = self.statuses.values().sum::<usize>() as f64;
        (answers, answers / self.took.as_secs_f64())
    }

    /// Every answer had this status.
    pub(crate) fn all(self, status: u16) -> Self {
        assert!(
            self.statuses.keys().eq([&status]),
            "expected {status} only: {:?}",
            self.statuses
        );
        self
    }
}

/// Sends each request once, over `connections` of which each waits for its answer before it asks again.
pub(crate) fn burst(port: u16, connections: usize, requests: &[Vec<u8>]) -> Burst {
    let mut connections: Vec<_> = (0..connections).map(|_| Connection::open(port)).collect();
    let mut statuses = BTreeMap::new();
    let mut waiting = std::collections::VecDeque::new();
    let begun = Instant::now();
    for (number, request) in requests.iter().enumerate() {
        let number = number % connections.len();
        if waiting.len() == connections.len() {
            waiting.pop_front();
            *statuses.entry(connections[number].read().status).or_default() += 1;
        }
        connections[number].send(request);
        waiting.push_back(number);
    }
    for number in waiting {
        *statuses.entry(connections[number].read().status).or_default() += 1;
    }
    Burst {
        statuses,
        took: begun.elapsed(),
    }
}
