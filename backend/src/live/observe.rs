//! Looking at segments once they are listed: what the stream is made of, and how far its keyframes are apart.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use sluice_hls::{codecs, timeline::Segment, ts};
use sluice_media::probe;
use tokio::{runtime::Handle, sync::Semaphore};

use super::{
    channel::{Channel, Picture},
    intake::Taken,
    sessions::Sessions,
};

/// Files looked at side by side. A catch-up brings hundreds at once; the show is more important than knowing of each.
const AT_ONCE: usize = 2;

/// Looks at segments that were taken; those that come while enough are being looked at go by.
#[derive(Clone)]
pub(super) struct Observer {
    sessions: Arc<Sessions>,
    runtime: Handle,
    measuring: Arc<Semaphore>,
    probing: Arc<Semaphore>,
}

impl Observer {
    pub(super) fn new(sessions: Arc<Sessions>, runtime: Handle) -> Self {
        Self {
            sessions,
            runtime,
            measuring: Arc::new(Semaphore::new(AT_ONCE)),
            probing: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Taken for Observer {
    fn taken(&self, session: &str, channel: &Arc<Channel>, segment: &Segment, file: PathBuf) {
        // A segment behind a discontinuity may be of another kind than those before.
        if segment.discontinuity || !channel.is_described() {
            self.describe(channel, &file);
        }
        if let Ok(turn) = Arc::clone(&self.measuring).try_acquire_owned() {
            let (observer, session, channel) = (self.clone(), session.to_owned(), Arc::clone(channel));
            self.runtime.spawn_blocking(move || {
                observer.measure(&session, &channel, &file);
                drop(turn);
            });
        }
    }
}

impl Observer {
    /// Finds out what the stream is made of, unless somebody is at it already.
    fn describe(&self, channel: &Arc<Channel>, file: &Path) {
        if channel.begin_probe() {
            let probing = Arc::clone(&self.probing);
            self.runtime
                .spawn(describe(Arc::clone(channel), file.to_owned(), probing));
        }
    }

    fn measure(&self, session: &str, channel: &Arc<Channel>, file: &Path) {
        let Some(span) = File::open(file).ok().and_then(|file| ts::span(file).ok()) else {
            return;
        };
        // An encoder may add its picture or its sound in the middle of a show.
        if channel.is_described() && !channel.is_described_with(span.video, span.audio) {
            self.describe(channel, file);
        }
        if let Some(interval_us) = span.keyframe_interval_us() {
            self.sessions.change(session, |session| {
                session.ingest.keyframe_interval_ms = u32::try_from(interval_us / 1000).ok()
            });
        }
    }
}

async fn describe(channel: Arc<Channel>, file: PathBuf, probing: Arc<Semaphore>) {
    let turn = probing.acquire().await;
    match probe(&file).await {
        Ok(found) => channel.set_picture(picture(&found)),
        Err(error) => tracing::warn!(%error, channel = %channel.slug, "a segment could not be probed"),
    }
    drop(turn);
    channel.end_probe();
}

/// nginx's files list a picture and sound, whatever they have; of what they have not, nothing is told but the codec.
fn picture(found: &sluice_media::Probe) -> Picture {
    let video = found.video.as_ref().filter(|video| video.width > 0 && video.height > 0);
    let audio = found.audio.as_ref().filter(|audio| audio.channels > Some(0));
    let avc = video.map(|video| codecs::avc_named(video.profile.as_deref()?, video.level?));
    let aac = audio.map(|audio| codecs::aac_named(audio.profile.as_deref()?));
    let names: Option<Vec<String>> = avc.into_iter().chain(aac).collect();
    Picture {
        video: video.is_some(),
        audio: audio.is_some(),
        codecs: names.filter(|names| !names.is_empty()).map(|names| names.join(",")),
        resolution: video.map(|video| (video.width, video.height)),
        frame_rate_milli: video.and_then(|video| video.frame_rate_milli),
    }
}
