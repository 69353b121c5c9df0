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
    /// Ask at once for what comes next, and wait for it.
    Wait,
    /// Ask for the playlist as it stands, with so much time between.
    Poll(Duration),
}

pub(crate) struct Audience {
    epoll: Epoll,
    path: String,
    players: Vec<Player>,
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

struct Player {
    connection: TcpStream,
    /// All of a request but its first line's beginning.
    headers: String,
    /// It has no answer yet.
    is_waiting: bool,
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
        let mut asked = 0;
        while begun.elapsed() < lasts {
            // One after the other, so that nobody comes in a crowd.
            let due = match manner {
                Manner::Wait => begun,
                Manner::Poll(every) => begun + every.mul_f64(asked as f64 / count as f64),
            };
            let is_asking = manner != Manner::Wait || asked < count;
            if is_asking && due <= Instant::now() {
                if !self.players[asked % count].is_waiting {
                    self.ask(asked % count, None);
                }
                asked += 1;
            }
            let patience_ms = match is_asking {
                true => u8::from(due > Instant::now()),
                false => 5,
            };
            self.look(patience_ms, manner == Manner::Wait);
        }
    }

    /// Reads the answers that are still to come, and asks for nothing more. How many came not.
    pub(crate) fn leave(&mut self, most: Duration) -> usize {
        let begun = Instant::now();
        while begun.elapsed() < most && self.waiting() > 0 {
            self.look(5, false);
        }
        self.waiting()
    }

    fn waiting(&self) -> usize {
        self.players.iter().filter(|player| player.is_waiting).count()
    }

    fn look(&mut self, patience_ms: u8, goes_on: bool) {
        let mut events = [EpollEvent::empty(); EVENTS];
        let ready = self.epoll.wait(&mut events, patience_ms).expect("epoll");
        for event in &events[..ready] {
            let number = usize::try_from(event.data()).expect("a player's number");
            if let Some(reach) = self.read(number)
                && goes_on
            {
                self.ask(number, Some(self.reaches[reach]));
            }
        }
    }

    fn ask(&mut self, number: usize, after: Option<Reach>) {
        let player = &mut self.players[number];
        let query =
            after.map(|Reach { next_msn, parts, .. }| format!("?_HLS_msn={next_msn}&_HLS_part={parts}&_HLS_skip=YES"));
        let request = format!("GET {}{}{}", self.path, query.unwrap_or_default(), player.headers);
        let sent = player.connection.write_all(request.as_bytes());
        sent.expect("the server takes requests");
        player.is_waiting = true;
    }

    /// Reads on; which reach the answer has, once it is whole.
    fn read(&mut self, number: usize) -> Option<usize> {
        let player = &mut self.players[number];
        let read = match player.connection.read(&mut self.buffer) {
            Ok(0) => panic!("the server closed a connection"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("a connection is lost: {error}"),
        };
        let at = Instant::now();
        player.held.extend(&self.buffer[..read]);
        let (tag, body) = whole(&player.held)?;
        let reach = match self.known.get(tag) {
            Some(reach) => *reach,
            None => {
                self.reaches.push(Reach::of(body));
                self.known.insert(tag.to_vec(), self.reaches.len() - 1);
                self.reaches.len() - 1
            }
        };
        player.held.clear();
        player.is_waiting = false;
        self.answers.push(Answer {
            player: number,
            reach,
            at,
        });
        Some(reach)
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
            is_waiting: false,
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
