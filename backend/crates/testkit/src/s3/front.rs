//! A front before a server, which passes requests on or makes trouble: what a network, a proxy or a store in need does.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A head longer than this is none.
const LONGEST_HEAD: usize = 64 * 1024;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 503 with S3's `SlowDown`.
    Busy,
    /// The connection is reset in the middle of the request.
    Reset,
    /// The request is carried out, and its answer is lost.
    LostAnswer,
    /// The request is carried out, and its answer tells no checksum, as that of a bucket that encrypts.
    NoChecksum,
    /// The request is carried out, and its answer does not tell what was put with the object.
    NoMetadata,
    /// The answer's body ends in its middle.
    Truncated,
    /// 200 with an error in its body, and nothing is done.
    ErrorInSuccess,
    /// The connection is closed before anything is said.
    Away,
    /// The request is taken, and nothing is ever said to it.
    Silent,
}

/// A request as the front sees it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Counted from 0.
    pub number: u64,
    /// `PUT`, `HEAD`, ...
    pub method: String,
    /// The path, with the query.
    pub path: String,
}

type Plan = Arc<dyn Fn(&Request) -> Option<Trouble> + Send + Sync>;

/// A front that listens on a port of its own. Ends when dropped.
pub struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    upstream: SocketAddr,
    plan: Mutex<Plan>,
    requests: AtomicU64,
    /// Pages of any site may read what the server answers.
    any_origin: AtomicBool,
}

impl Front {
    /// Starts one that passes everything on.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            upstream,
            plan: Mutex::new(Arc::new(|_| None)),
            requests: AtomicU64::new(0),
            any_origin: AtomicBool::new(false),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    /// The address as `S3_ENDPOINT` takes it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, what `plan` says becomes of each request.
    ///
    /// # Panics
    /// Never.
    pub fn plan(&self, plan: impl Fn(&Request) -> Option<Trouble> + Send + Sync + 'static) {
        *self.shared.plan.lock().expect("a plan does not panic") = Arc::new(plan);
    }

    /// From now on pages of any site may read what the server answers, as a bucket's owner sets it up (CORS).
    pub fn allow_any_origin(&self) {
        self.shared.any_origin.store(true, Ordering::Relaxed);
    }

    /// Listens no more: whoever connects is refused.
    pub fn stop(&self) {
        self.task.abort();
    }

    /// How many requests have come.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        // Whatever goes wrong here is one more trouble for the client.
        tokio::spawn(async move { drop(one(client, &shared).await) });
    }
}

/// One request on a connection of its own.
async fn one(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let (head, begun) = read_head(&mut client).await?;
    let mut words = head.split_whitespace().map(str::to_owned);
    let request = Request {
        number: shared.requests.fetch_add(1, Ordering::SeqCst),
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
    };
    let plan = Arc::clone(&shared.plan.lock().expect("a plan does not panic"));
    let trouble = plan(&request);
    if trouble == Some(Trouble::Away) {
        return reset(client);
    }
    let body = read_body(&mut client, &head, begun, trouble == Some(Trouble::Reset)).await?;
    match trouble {
        Some(Trouble::Reset) => reset(client),
        // Until the client hangs up.
        Some(Trouble::Silent) => client.read_to_end(&mut Vec::new()).await.map(drop),
        Some(Trouble::Busy) => answer(client, "503 Slow Down", "SlowDown").await,
        Some(Trouble::ErrorInSuccess) => answer(client, "200 OK", "InternalError").await,
        Some(Trouble::LostAnswer) => {
            pass_on(&head, &body, shared.upstream).await?;
            reset(client)
        }
        Some(Trouble::NoChecksum) => {
            let whole = pass_on(&head, &body, shared.upstream).await?;
            client.write_all(&without(whole, b"etag:")).await
        }
        Some(Trouble::NoMetadata) => {
            let whole = pass_on(&head, &body, shared.upstream).await?;
            client.write_all(&without(whole, b"x-amz-meta-md5:")).await
        }
        Some(Trouble::Truncated) => {
            let whole = pass_on(&head, &body, shared.upstream).await?;
            let begin = end_of_head(&whole).unwrap_or(whole.len());
            client.write_all(&whole[..begin + (whole.len() - begin) / 2]).await
        }
        Some(Trouble::Away) | None => {
            let mut whole = pass_on(&head, &body, shared.upstream).await?;
            if shared.any_origin.load(Ordering::Relaxed) {
                let fields = whole.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                whole.splice(fields..fields, *b"Access-Control-Allow-Origin: *\r\n");
            }
            client.write_all(&whole).await?;
            client.shutdown().await
        }
    }
}

/// An answer without one of its fields, which it has under another name.
fn without(mut answer: Vec<u8>, field: &[u8]) -> Vec<u8> {
    let at = answer
        .windows(field.len())
        .position(|name| name.eq_ignore_ascii_case(field));
    answer[at.expect("an answer with that field")] = b'_';
    answer
}

/// The head with its last empty line, and what was read beyond.
async fn read_head(client: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = end_of_head(&read) {
            let beyond = read.split_off(end);
            return Ok((String::from_utf8_lossy(&read).into_owned(), beyond));
        }
        if read.len() > LONGEST_HEAD || client.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

fn end_of_head(read: &[u8]) -> Option<usize> {
    read.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4)
}

async fn read_body(client: &mut TcpStream, head: &str, begun: Vec<u8>, half: bool) -> io::Result<Vec<u8>> {
    let mut body = begun;
    let mut length = content_length(head);
    if half {
        length /= 2;
    }
    while body.len() < length {
        if client.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(body)
}

fn content_length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths
        .next()
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

/// The server's whole answer; its connection is closed with it, and so is the client's.
async fn pass_on(head: &str, body: &[u8], upstream: SocketAddr) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    let (line, fields) = head.split_once("\r\n").unwrap_or((head, "\r\n"));
    let head = format!("{line}\r\nConnection: close\r\n{fields}");
    server.write_all(head.as_bytes()).await?;
    server.write_all(body).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn answer(mut client: TcpStream, status: &str, code: &str) -> io::Result<()> {
    let body =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>front</Message></Error>");
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    client.write_all((head + &body).as_bytes()).await?;
    client.shutdown().await
}

/// Closes a connection as a crash does: by RST.
fn reset(client: TcpStream) -> io::Result<()> {
    client.set_zero_linger()?;
    drop(client);
    Ok(())
}
