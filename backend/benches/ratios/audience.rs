//! Thousands of players on one core: a connection each, kept alive, with one request at a time.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

use crate::reach::Reach;

/// Answers that may be ready at one look.
const EVENTS: usize = 512;
/// An answer is read at one go, as a rule.
const BUFFER: usize = 64 << 10;

/// What players do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Ask at once for the part that comes next, and wait for it.
    Wait,
    /// The same with the segment.
    WaitForSegments,
    /// Ask for the playlist as it stands, with so much time between.
    Poll(Duration),
}

pub(crate) struct Audience {
    epoll: Epoll,
    path: String,
    players: Vec<Player>,
    /// Have their answer and did not ask again yet.
    answered: Vec<Answer>,
    /// Requests so far.
    pub(crate) asked: usize,
    /// Bodies met before, by their entity tag: each is looked into once.
    known: HashMap<Vec<u8>, usize>,
    /// How far those bodies reach.
    pub(crate) reaches: Vec<Reach>,
    pub(crate) answers: Vec<Answer>,
    buffer: Vec<u8>,
}

/// A playlist that a player got.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) player: usize,
    /// Which of [`Audience::reaches`] it has.
    pub(crate) reach: usize,
    pub(crate) at: Instant,
}

/// The next segment, and how many parts of it.
type Wanted = (usize, usize);

struct Player {
    connection: TcpStream,
    /// All of a request but its first line's beginning.
    headers: String,
    /// What its request is to be answered with, at least; nothing where it has its answer.
    waits_for: Option<Wanted>,
    /// The beginning of one.
    held: Vec<u8>,
}

impl Audience {
    /// So many players of one playlist, each from an address of its own, as behind nginx.
    pub(crate) fn come(port: u16, players: usize, path: String) -> Self {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).expect("epoll");
        let players = (0..players).map(|number| Player::come(port, number, &epoll));
        Self {
            players: players.collect(),
            epoll,
            path,
            answered: Vec::new(),
            asked: 0,
            known: HashMap::new(),
            reaches: Vec::new(),
            answers: Vec::new(),
            buffer: vec![0; BUFFER],
        }
    }

    /// Watches for so long. Whoever waits asks first for the playlist as it stands.
    pub(crate) fn watch(&mut self, manner: Manner, lasts: Duration) {
        let begun = Instant::now();
        let count = self.players.len();
        // Of a playlist that is long, enough to know how far it reaches.
        let first = match manner {
            Manner::WaitForSegments => "?_HLS_skip=YES",
            _ => "",
        };
        let mut turns = 0;
        while begun.elapsed() < lasts {
            // One after the other, so that nobody comes in a crowd.
            let due = match manner {
                Manner::Poll(every) => begun + every.mul_f64(turns as f64 / count as f64),
                _ => begun,
            };
            let is_asking = matches!(manner, Manner::Poll(_)) || turns < count;
            if is_asking && due <= Instant::now() {
                if self.players[turns % count].waits_for.is_none() {
                    self.ask(turns % count, first, (0, 0));
                }
                turns += 1;
            }
            let patience_ms = match is_asking {
                true => u8::from(due > Instant::now()),
                false => 5,
            };
            self.look(patience_ms, manner);
        }
    }

    /// Counts from now on: the answers, and the requests, with those that wait.
    pub(crate) fn count(&mut self) {
        self.answers.clear();
        self.asked = self.waiting();
    }

    /// Reads the answers that are still to come, and asks for nothing more. How many came not.
    pub(crate) fn leave(&mut self, most: Duration) -> usize {
        let begun = Instant::now();
        while begun.elapsed() < most && self.waiting() > 0 {
            self.look(5, Manner::Poll(most));
        }
        self.waiting()
    }

    /// How many have no answer yet.
    pub(crate) fn waiting(&self) -> usize {
        self.players.iter().filter(|player| player.waits_for.is_some()).count()
    }

    /// Reads what has come. Who waits asks again when there is nothing to read: players do not wait for each other, and
    /// a request costs more than to read an answer.
    fn look(&mut self, patience_ms: u8, manner: Manner) {
        let mut events = [EpollEvent::empty(); EVENTS];
        let patience_ms = if self.answered.is_empty() { patience_ms } else { 0 };
        let ready = self.epoll.wait(&mut events, patience_ms).expect("epoll");
        for event in &events[..ready] {
            self.read(usize::try_from(event.data()).expect("a player's number"));
        }
        if ready > 0 {
            return;
        }
        for Answer { player, reach, .. } in std::mem::take(&mut self.answered) {
            let Reach { next_msn, parts, .. } = self.reaches[reach];
            match manner {
                Manner::Wait => {
                    let query = format!("?_HLS_msn={next_msn}&_HLS_part={parts}&_HLS_skip=YES");
                    self.ask(player, &query, (next_msn, parts + 1));
                }
                Manner::WaitForSegments => {
                    let query = format!("?_HLS_msn={next_msn}&_HLS_skip=YES");
                    self.ask(player, &query, (next_msn + 1, 0));
                }
                Manner::Poll(_) => {}
            }
        }
    }

    fn ask(&mut self, number: usize, query: &str, wanted: Wanted) {
        let player = &mut self.players[number];
        let request = format!("GET {}{query}{}", self.path, player.headers);
        let sent = player.connection.write_all(request.as_bytes());
        sent.expect("the server takes requests");
        player.waits_for = Some(wanted);
        self.asked += 1;
    }

    /// Reads on. An answer must have what was asked for, or more.
    fn read(&mut self, number: usize) {
        let player = &mut self.players[number];
        let read = match player.connection.read(&mut self.buffer) {
            Ok(0) => panic!("the server closed a connection"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => panic!("a connection is lost: {error}"),
        };
        let at = Instant::now();
        player.held.extend(&self.buffer[..read]);
        let Some((tag, body)) = whole(&player.held) else { return };
        let reach = match self.known.get(tag) {
            Some(reach) => *reach,
            None => {
                self.reaches.push(Reach::of(body));
                self.known.insert(tag.to_vec(), self.reaches.len() - 1);
                self.reaches.len() - 1
            }
        };
        player.held.clear();
        let (Reach { next_msn, parts, .. }, wanted) = (self.reaches[reach], player.waits_for.take());
        let is_reached = wanted.is_some_and(|wanted| (next_msn, parts) >= wanted);
        assert!(is_reached, "asked for {wanted:?}, answered with {next_msn}, {parts}");
        let answer = Answer {
            player: number,
            reach,
            at,
        };
        self.answered.push(answer);
        self.answers.push(answer);
    }
}

impl Player {
    fn come(port: u16, number: usize, epoll: &Epoll) -> Self {
        let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server listens");
        connection.set_nodelay(true).expect("a socket");
        connection.set_nonblocking(true).expect("a socket");
        let event = EpollEvent::new(EpollFlags::EPOLLIN, number as u64);
        epoll.add(&connection, event).expect("a socket can be waited for");
        let headers = format!(
            " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0\r\n\
             Accept: */*\r\nAccept-Encoding: gzip, deflate, br\r\nX-Forwarded-For: 10.0.{}.{}\r\n\r\n",
            number / 256,
            number % 256
        );
        Self {
            connection,
            headers,
            waits_for: None,
            held: Vec::new(),
        }
    }
}

/// The entity tag and the body of an answer, once all of it is there.
fn whole(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (&bytes[..end], &bytes[end + 4..]);
    assert!(
        head.starts_with(b"HTTP/1.1 200"),
        "refused: {}",
        String::from_utf8_lossy(bytes)
    );
    let (mut length, mut tag) = (0, &b""[..]);
    for line in head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end) {
        if let Some(value) = line.strip_prefix(b"content-length: ") {
            length = str::from_utf8(value).ok()?.parse().ok()?;
        } else if let Some(value) = line.strip_prefix(b"etag: ") {
            tag = value;
        }
    }
    (body.len() == length).then_some((tag, body))
}
