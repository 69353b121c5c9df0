//! nginx-rtmp's statistics: XML in, what Sluice wants to know out.

use roxmltree::{Document, Node};
use thiserror::Error;

/// The application encoders publish to.
const LIVE: &str = "live";

/// The media server at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The worker's process id: another one means that nginx was restarted.
    pub pid: u32,
    /// The streams of the application that encoders publish to.
    pub streams: Vec<Stream>,
}

/// One stream, published or only waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// The publish session's id, as the hook renamed it.
    pub name: String,
    /// Bytes received since the stream began.
    pub bytes_in: u64,
    /// The connection that publishes.
    pub publisher: Option<Publisher>,
    /// The picture, once its headers came.
    pub video: Option<Video>,
    /// The sound's codec, once its headers came; nginx's own word, such as `AAC`.
    pub audio_codec: Option<String>,
}

/// The connection that publishes a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Publisher {
    /// What hooks call `clientid`.
    pub client_id: u64,
    /// At least one frame came.
    pub active: bool,
}

/// The picture of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Video {
    /// nginx's own word, such as `H264`; empty where it knows none.
    pub codec: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: u32,
}

/// The document is no statistics of nginx-rtmp.
#[derive(Debug, Error)]
pub enum Error {
    /// It is no XML.
    #[error("not XML: {0}")]
    Xml(#[from] roxmltree::Error),
    /// The process id, which identifies the running instance, is missing.
    #[error("no pid")]
    NoPid,
}

/// Reads the answer of `rtmp_stat all`.
pub fn parse(xml: &str) -> Result<Snapshot, Error> {
    let document = Document::parse(xml)?;
    let root = document.root_element();
    let pid = number(root, "pid").ok_or(Error::NoPid)?;
    let streams = root
        .descendants()
        .filter(|node| node.has_tag_name("application") && text(*node, "name") == Some(LIVE))
        .filter_map(|application| child(application, "live"))
        .flat_map(|live| live.children().filter(|node| node.has_tag_name("stream")))
        .map(stream)
        .collect();
    Ok(Snapshot { pid, streams })
}

fn stream(node: Node<'_, '_>) -> Stream {
    let meta = child(node, "meta");
    let video = meta.and_then(|meta| child(meta, "video")).map(video);
    let audio_codec = meta
        .and_then(|meta| child(meta, "audio"))
        .and_then(|audio| text(audio, "codec"))
        .map(str::to_owned);
    Stream {
        name: text(node, "name").unwrap_or_default().to_owned(),
        bytes_in: number(node, "bytes_in").unwrap_or(0),
        publisher: node.children().find_map(publisher),
        video,
        audio_codec,
    }
}

fn publisher(client: Node<'_, '_>) -> Option<Publisher> {
    let publishes = client.has_tag_name("client") && child(client, "publishing").is_some();
    publishes.then(|| Publisher {
        client_id: number(client, "id").unwrap_or(0),
        active: child(client, "active").is_some(),
    })
}

fn video(node: Node<'_, '_>) -> Video {
    let frame_rate: f64 = number(node, "frame_rate").unwrap_or(0.0);
    Video {
        codec: text(node, "codec").unwrap_or_default().to_owned(),
        width: number(node, "width").unwrap_or(0),
        height: number(node, "height").unwrap_or(0),
        frame_rate_milli: milli(frame_rate),
    }
}

/// Frame rates come from the encoder's own metadata and may be anything.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
fn milli(frame_rate: f64) -> u32 {
    (frame_rate * 1000.0).clamp(0.0, 1_000_000.0).round() as u32
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text()
}

fn number<T: std::str::FromStr>(node: Node<'_, '_>, name: &str) -> Option<T> {
    text(node, name)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! fixture {
        ($name:literal) => {
            parse(include_str!(concat!("../../tests/fixtures/stat/", $name, ".xml"))).unwrap()
        };
    }

    #[test]
    fn a_live_publisher_is_told_with_its_picture_and_sound() {
        let snapshot = fixture!("live");
        let [stream] = &snapshot.streams[..] else {
            panic!("{snapshot:?}")
        };
        assert!(snapshot.pid > 0 && stream.bytes_in > 0);
        assert!(
            stream
                .publisher
                .is_some_and(|publisher| publisher.active && publisher.client_id > 0)
        );
        let video = stream.video.as_ref().unwrap();
        assert_eq!((video.codec.as_str(), video.width, video.height), ("H264", 320, 180));
        assert_eq!(video.frame_rate_milli, 30_000);
        assert_eq!(stream.audio_codec.as_deref(), Some("AAC"));
    }

    #[test]
    fn a_publisher_is_not_mistaken_for_the_relay_that_carries_it_on() {
        let snapshot = fixture!("silent");
        let publisher = snapshot.streams[0].publisher;
        assert_eq!(
            publisher,
            Some(Publisher {
                client_id: 7,
                active: false
            })
        );
    }

    #[test]
    fn codecs_are_told_in_the_servers_own_words() {
        let codec = |snapshot: &Snapshot| snapshot.streams[0].video.as_ref().map(|video| video.codec.clone());
        assert_eq!(codec(&fixture!("hevc")), Some("Jpeg".into()));
        assert_eq!(codec(&fixture!("sorenson_mp3")), Some("Sorenson-H263".into()));
        assert_eq!(codec(&fixture!("audio_only")), Some(String::new()));
        assert_eq!(fixture!("sorenson_mp3").streams[0].audio_codec.as_deref(), Some("MP3"));
        assert_eq!(fixture!("video_only").streams[0].audio_codec, None);
    }

    #[test]
    fn an_idle_server_has_no_streams_and_anything_else_is_an_error() {
        assert_eq!(fixture!("idle").streams, []);
        for garbled in ["", "<html>", "<rtmp></rtmp>", "<rtmp><pid>x</pid></rtmp>"] {
            assert!(parse(garbled).is_err(), "{garbled}");
        }
    }
}
