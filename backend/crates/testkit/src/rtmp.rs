//! An RTMP encoder that does what no proper one does: it sends media before it was let in, or never sends any.
//!
//! It writes messages as it is told and never waits for an answer it was not asked to wait for. What the server says
//! is kept as bytes and searched for words; that tells its answers apart without a parser.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};

use crate::flv::{Kind, Tag};

/// How long a busy server may take to let a client in.
const CONNECT_BOUND: Duration = Duration::from_secs(60);
/// Longest message this client sends in one chunk.
const CHUNK_SIZE: u32 = 1 << 20;
const HANDSHAKE: usize = 1536;
/// The stream that nginx-rtmp gives to the first `createStream`.
const MEDIA_STREAM: u32 = 1;

const SET_CHUNK_SIZE: u8 = 1;
const COMMAND: u8 = 20;

/// A connection to a media server.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Client {
    /// Connects, shakes hands, asks for an application, such as `live`, and waits until it is let in: before that,
    /// the server knows no application to publish to and closes on whoever tries.
    pub async fn connect(server: SocketAddr, app: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        shake_hands(&mut stream).await?;
        let mut client = Self {
            stream,
            heard: Vec::new(),
        };
        client.message(SET_CHUNK_SIZE, 0, 0, &CHUNK_SIZE.to_be_bytes()).await?;
        let fields = [
            ("app", app.to_owned()),
            ("type", "nonprivate".to_owned()),
            ("flashVer", "FMLE/3.0 (compatible; testkit)".to_owned()),
            ("tcUrl", format!("rtmp://{server}/{app}")),
        ];
        let object = fields
            .iter()
            .flat_map(|(name, value)| [amf::key(name), amf::string(value.as_bytes())].concat());
        let object = [vec![amf::OBJECT], object.collect(), amf::OBJECT_END.to_vec()].concat();
        client.command(0, "connect", &[amf::number(1.0), object]).await?;
        match client.hears("NetConnection.Connect.Success", CONNECT_BOUND).await {
            true => Ok(client),
            false => Err(io::Error::other("the server did not let us connect")),
        }
    }

    /// Asks to publish, and waits for no answer.
    pub async fn publish(&mut self, name: impl AsRef<[u8]>) -> io::Result<()> {
        self.command(0, "createStream", &[amf::number(2.0), amf::NULL.to_vec()])
            .await?;
        let name = amf::string(name.as_ref());
        let args = [amf::number(3.0), amf::NULL.to_vec(), name, amf::string(b"live")];
        self.command(MEDIA_STREAM, "publish", &args).await
    }

    /// Gives up the stream but not the connection.
    pub async fn unpublish(&mut self) -> io::Result<()> {
        let stream = amf::number(f64::from(MEDIA_STREAM));
        self.command(0, "deleteStream", &[amf::number(4.0), amf::NULL.to_vec(), stream])
            .await
    }

    /// Sends media as fast as the server takes it.
    pub async fn send(&mut self, tags: &[Tag]) -> io::Result<()> {
        for tag in tags {
            self.tag(tag).await?;
        }
        Ok(())
    }

    /// Sends media when it is due, counted from now.
    pub async fn send_in_time(&mut self, tags: &[Tag]) -> io::Result<()> {
        let begun = Instant::now();
        for tag in tags {
            sleep_until(begun + Duration::from_millis(tag.timestamp_ms.into())).await;
            self.tag(tag).await?;
        }
        Ok(())
    }

    /// Whether the server says `word` (a status code such as `NetStream.Publish.Start`) within `bound`.
    pub async fn hears(&mut self, word: &str, bound: Duration) -> bool {
        let said = |heard: &[u8]| heard.windows(word.len()).any(|part| part == word.as_bytes());
        let listening = async {
            while !said(&self.heard) {
                if !matches!(self.stream.read_buf(&mut self.heard).await, Ok(1..)) {
                    break;
                }
            }
        };
        let _ = timeout(bound, listening).await;
        said(&self.heard)
    }

    /// Whether the server closes the connection within `bound`.
    pub async fn is_closed(&mut self, bound: Duration) -> bool {
        let closing = async { while let Ok(1..) = self.stream.read_buf(&mut self.heard).await {} };
        timeout(bound, closing).await.is_ok()
    }

    async fn tag(&mut self, tag: &Tag) -> io::Result<()> {
        let mut body = tag.body.clone();
        if tag.kind == Kind::Data {
            // A file has the metadata alone, the wire has the command that sets it in front.
            body = [amf::string(b"@setDataFrame"), body].concat();
        }
        self.message(tag.kind as u8, MEDIA_STREAM, tag.timestamp_ms, &body)
            .await
    }

    async fn command(&mut self, stream: u32, name: &str, args: &[Vec<u8>]) -> io::Result<()> {
        let body = [amf::string(name.as_bytes()), args.concat()].concat();
        self.message(COMMAND, stream, 0, &body).await
    }

    /// One message in one chunk with a whole header (Adobe's RTMP 1.0, section 5.3.1.2.1).
    async fn message(&mut self, kind: u8, stream: u32, timestamp_ms: u32, body: &[u8]) -> io::Result<()> {
        let chunk_stream = if kind == SET_CHUNK_SIZE { 2 } else { 3 + kind % 4 };
        let length = u32::try_from(body.len()).expect("a message fits");
        assert!(
            length <= CHUNK_SIZE && timestamp_ms < 0xff_ffff,
            "what this client cannot write"
        );
        let mut chunk = vec![chunk_stream];
        chunk.extend_from_slice(&timestamp_ms.to_be_bytes()[1..]);
        chunk.extend_from_slice(&length.to_be_bytes()[1..]);
        chunk.push(kind);
        chunk.extend_from_slice(&stream.to_le_bytes());
        chunk.extend_from_slice(body);
        self.stream.write_all(&chunk).await
    }
}

async fn shake_hands(stream: &mut TcpStream) -> io::Result<()> {
    let mut hello = vec![3];
    hello.resize(1 + HANDSHAKE, 0);
    stream.write_all(&hello).await?;
    let mut theirs = vec![0; 1 + HANDSHAKE];
    stream.read_exact(&mut theirs).await?;
    stream.write_all(&theirs[1..]).await?;
    let mut echo = vec![0; HANDSHAKE];
    stream.read_exact(&mut echo).await?;
    Ok(())
}

/// The few values of AMF 0 that the commands need.
mod amf {
    pub(super) const OBJECT: u8 = 3;
    pub(super) const NULL: [u8; 1] = [5];
    pub(super) const OBJECT_END: [u8; 3] = [0, 0, 9];

    pub(super) fn number(value: f64) -> Vec<u8> {
        [vec![0], value.to_be_bytes().to_vec()].concat()
    }

    pub(super) fn string(text: &[u8]) -> Vec<u8> {
        [vec![2], counted(text)].concat()
    }

    pub(super) fn key(name: &str) -> Vec<u8> {
        counted(name.as_bytes())
    }

    fn counted(text: &[u8]) -> Vec<u8> {
        let length = u16::try_from(text.len()).expect("a short string");
        [length.to_be_bytes().to_vec(), text.to_vec()].concat()
    }
}
