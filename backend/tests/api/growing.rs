//! A show whose segments are written by the test, frame by frame, as nginx-rtmp writes them: the file grows in place, and
//! the playlist beside it is moved into place when it is closed.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use sluice_backend::{clock, live::channel::Channel};
use sluice_domain::Slug;
use sluice_hls::timeline;
use sluice_testkit::api::Answer;
use sluice_testkit::{Api, App, wait_for};

use crate::past::{Session, record};
use crate::shows::publish;

/// For whatever the intake does, on a machine that is busy with other tests.
pub(crate) const BOUND: Duration = Duration::from_secs(60);
/// Pictures a second, and so ten in a part.
pub(crate) const RATE: u64 = 30;
pub(crate) const PART: u64 = 10;

/// A channel `stage` on air.
pub(crate) struct Show {
    pub(crate) app: App,
    pub(crate) owner: Api,
    pub(crate) session: String,
    spool: Spool,
}

impl Show {
    /// On air, and nothing written yet.
    pub(crate) async fn begin() -> Self {
        Self::begin_behind(App::start().await, &[]).await
    }

    /// The same on a channel of which these segments are there already.
    pub(crate) async fn begin_behind(app: App, recorded: &[Session]) -> Self {
        let owner = app.api().signed_up("ada").await;
        owner.channel("stage").await;
        record(&app, recorded).await;
        let key = owner.key("stage").await;
        let session = publish(&app, &key.key, 1).await.expect("a valid key");
        let spool = Spool::open(app.config().spool_dir().join(&session));
        Self {
            app,
            owner,
            session,
            spool,
        }
    }

    /// With a closed segment of so many frames, and somebody who watches.
    pub(crate) async fn watched(frames: u64) -> Self {
        let mut show = Self::begin().await;
        show.writes(frames);
        show.closes_segment();
        show.has("#EXTINF:").await;
        show
    }

    /// The encoder sends so many pictures.
    pub(crate) fn writes(&mut self, frames: u64) {
        self.spool.write(frames);
    }

    /// nginx closes the segment that it writes.
    pub(crate) fn closes_segment(&mut self) {
        self.spool.close();
    }

    /// The encoder's clock jumps forward by so many frames.
    pub(crate) fn jumps(&mut self, frames: u64) {
        self.spool.frames += frames;
    }

    /// nginx says of the segment that it writes that it does not continue the one before.
    pub(crate) fn is_discontinuous(&mut self) {
        self.spool.listed.push_str("#EXT-X-DISCONTINUITY\n");
    }

    /// Where the segment that is being written will be in the archive, as the channel's segment with this number.
    pub(crate) fn archived(&self, msn: u64) -> PathBuf {
        let name = timeline::name(i64::try_from(self.spool.opened_at_ms).unwrap(), msn);
        let archive = sluice_objects::Archive::open(self.app.config().archive_dir()).unwrap();
        archive.path("stage", &name).unwrap()
    }

    /// Waits until so many segments are listed, without being a viewer of any.
    pub(crate) async fn has_unseen(&self, segments: u64) {
        let channel = self.channel().await;
        let listed = async || (channel.bodies().edge.next_msn == segments + 1).then_some(());
        wait_for(BOUND, "segments", listed).await;
    }

    /// The owner ends it.
    pub(crate) async fn ends(&self) {
        let end = format!("/api/v1/channels/stage/sessions/{}/end", self.session);
        self.owner.post(&end, serde_json::json!({})).await.is(204);
    }

    /// An answer for a query, `?` and all.
    pub(crate) async fn asks(&self, query: &str) -> Answer {
        self.app.api().get(&format!("/live/stage/live.m3u8{query}")).await
    }

    /// Asks in the background.
    pub(crate) fn asks_later(&self, query: &str) -> tokio::task::JoinHandle<Answer> {
        let (api, path) = (self.app.api(), format!("/live/stage/live.m3u8{query}"));
        tokio::spawn(async move { api.get(&path).await })
    }

    /// Waits until the playlist says so; gives it.
    pub(crate) async fn has(&self, text: &str) -> String {
        wait_for(BOUND, text, async || {
            let playlist = self.asks("").await;
            (playlist.status == 200 && playlist.text.contains(text)).then_some(playlist.text)
        })
        .await
    }

    /// Waits until so many requests wait.
    pub(crate) async fn has_waiting(&self, requests: usize) {
        let channel = self.channel().await;
        let waiting = async || (channel.waiting() == requests).then_some(());
        wait_for(BOUND, "requests that wait", waiting).await;
    }

    /// The channel as the backend holds it.
    pub(crate) async fn channel(&self) -> std::sync::Arc<Channel> {
        let slug = Slug::parse("stage").unwrap();
        self.app.state().live.channel(&slug).await.unwrap().unwrap()
    }
}

/// The number of the segment that is not closed yet.
pub(crate) fn next_msn(playlist: &str) -> u64 {
    let first = playlist
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"));
    first.unwrap().parse::<u64>().unwrap() + playlist.matches("#EXTINF:").count() as u64
}

/// The addresses of all parts listed, relative to the playlist.
pub(crate) fn parts(playlist: &str) -> Vec<&str> {
    let parts = playlist.lines().filter(|line| line.starts_with("#EXT-X-PART:"));
    parts.filter_map(uri).collect()
}

/// The address of the part that comes next, relative to the playlist.
pub(crate) fn hint(playlist: &str) -> &str {
    let line = playlist.lines().find(|line| line.starts_with("#EXT-X-PRELOAD-HINT:"));
    uri(line.expect(playlist)).unwrap()
}

fn uri(line: &str) -> Option<&str> {
    line.split_once("URI=\"")?.1.split('"').next()
}

/// The spool's directory of one session.
struct Spool {
    dir: PathBuf,
    opened_at_ms: u64,
    file: File,
    frames: u64,
    in_segment: u64,
    listed: String,
}

impl Spool {
    fn open(dir: PathBuf) -> Self {
        let opened_at_ms = clock::now().0.unsigned_abs();
        Self {
            file: File::create(dir.join(format!("{opened_at_ms}.ts"))).unwrap(),
            dir,
            opened_at_ms,
            frames: 0,
            in_segment: 0,
            listed: "#EXT-X-DISCONTINUITY\n".to_owned(),
        }
    }

    fn write(&mut self, frames: u64) {
        for _ in 0..frames {
            if self.in_segment == 0 {
                self.file
                    .write_all(&[tables(), frame(self.frames, true)].concat())
                    .unwrap();
            } else {
                self.file.write_all(&frame(self.frames, false)).unwrap();
            }
            self.frames += 1;
            self.in_segment += 1;
        }
    }

    fn close(&mut self) {
        let ms = self.in_segment * 1000 / RATE;
        write!(
            self.listed,
            "#EXTINF:{}.{:03},\n{}.ts\n",
            ms / 1000,
            ms % 1000,
            self.opened_at_ms
        )
        .unwrap();
        let head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n";
        let draft = self.dir.join("index.m3u8.bak");
        fs::write(&draft, format!("{head}{}", self.listed)).unwrap();
        fs::rename(draft, self.dir.join("index.m3u8")).unwrap();
        self.opened_at_ms += ms;
        self.file = File::create(self.dir.join(format!("{}.ts", self.opened_at_ms))).unwrap();
        self.in_segment = 0;
    }
}

const VIDEO: u16 = 0x100;
const MAP: u16 = 0x1001;

/// The program's two tables: one stream, H.264.
fn tables() -> Vec<u8> {
    let association = [&[0, 0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x01][..], &[0; 4]].concat();
    let map = [
        &[0, 0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe1, 0x00, 0xf0, 0][..],
        &[0x1b, 0xe1, 0x00, 0xf0, 0],
        &[0; 4],
    ]
    .concat();
    [packet(0, false, &association), packet(MAP, false, &map)].concat()
}

/// A picture of one packet; its number is in it.
fn frame(number: u64, is_key: bool) -> Vec<u8> {
    let ticks = number * 90_000 / RATE + 90_000;
    let stamp = |mark: u8| {
        let bits = |shift: u32| u8::try_from(ticks >> shift & 0xff).unwrap();
        [
            mark | (bits(29) & 0x0e) | 1,
            bits(22),
            bits(14) | 1,
            bits(7),
            (bits(0) << 1) | 1,
        ]
    };
    let payload = format!("frame {number:08}");
    let length = u8::try_from(13 + payload.len()).unwrap();
    let header = [0, 0, 1, 0xe0, 0, length, 0x80, 0xc0, 10];
    packet(
        VIDEO,
        is_key,
        &[&header[..], &stamp(0x30), &stamp(0x10), payload.as_bytes()].concat(),
    )
}

/// A packet that begins a table or a frame.
fn packet(pid: u16, is_key: bool, payload: &[u8]) -> Vec<u8> {
    let [high, low] = pid.to_be_bytes();
    let filled = 183 - payload.len();
    let mut packet = vec![0x47, 0x40 | high, low, 0x30, u8::try_from(filled).unwrap()];
    packet.push(if is_key { 0x40 } else { 0 });
    packet.resize(4 + 1 + filled, 0xff);
    packet.extend_from_slice(payload);
    packet
}
