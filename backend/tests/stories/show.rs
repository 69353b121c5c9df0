//! A channel with a key, and what its viewers see: the beginning of every story.

use std::{
    fs,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;
use sluice_testkit::{Api, Publisher, Stack, api::Key, wait_for};

/// Long enough for anything that takes seconds, on a machine that is busy with other tests.
pub const BOUND: Duration = Duration::from_secs(60);

/// How far the parts of a segment may be off its length, in microseconds: a frame of the default encoder, and some.
pub const FRAME_US: u64 = 40_000;

/// A channel of somebody who is signed in.
pub struct Channel {
    pub owner: Api,
    pub slug: String,
    pub key: Key,
}

impl Channel {
    /// Signs somebody up who makes a channel and a key.
    pub async fn of(stack: &Stack, slug: &str) -> Self {
        let owner = stack.api().signed_up(&format!("owner-of-{slug}")).await;
        owner.channel(slug).await;
        let key = owner.key(slug).await;
        Self {
            owner,
            slug: slug.to_owned(),
            key,
        }
    }

    /// An encoder goes live with the key; returns when viewers have a segment of this show.
    pub async fn goes_live(&self, stack: &Stack) -> Publisher {
        let before = self.last_msn().await;
        let mut publisher = stack.publish(&self.key.key);
        publisher.connected().await;
        self.has_segment_after(before).await;
        publisher
    }

    /// The live playlist as viewers get it; nothing while there is none.
    pub async fn playlist(&self) -> Option<String> {
        let answer = self.owner.get(&format!("/live/{}/live.m3u8", self.slug)).await;
        answer.status.is_success().then_some(answer.text)
    }

    /// The media sequence number of the newest segment listed.
    pub async fn last_msn(&self) -> Option<u64> {
        last_msn(&self.playlist().await?)
    }

    /// Waits until a segment is listed that comes after `before`.
    pub async fn has_segment_after(&self, before: Option<u64>) -> u64 {
        let newer = async || self.last_msn().await.filter(|msn| Some(*msn) > before);
        wait_for(BOUND, "a new segment", newer).await
    }

    /// Whether the API says that the channel is on air.
    pub async fn is_live(&self) -> bool {
        self.owner.show(&self.slug).await["live"] == true
    }

    /// Waits until no session is live, and gives the reason of the newest that ended.
    pub async fn end_reason(&self) -> String {
        wait_for(BOUND, "the session's end", async || {
            let sessions = self.owner.sessions(&self.slug).await;
            let is_over = sessions.iter().all(|session| session["state"] != "live");
            is_over.then(|| reason_of(&sessions, "ended"))?
        })
        .await
    }

    /// Waits until a publisher was refused, and gives the newest reason.
    pub async fn refusal(&self) -> String {
        wait_for(BOUND, "a refusal", async || {
            reason_of(&self.owner.sessions(&self.slug).await, "refused")
        })
        .await
    }

    /// The newest session or refusal on the channel's record.
    pub async fn newest_session(&self) -> Option<Value> {
        self.owner.sessions(&self.slug).await.into_iter().next()
    }
}

fn reason_of(sessions: &[Value], state: &str) -> Option<String> {
    let session = sessions.iter().find(|session| session["state"] == state)?;
    session["reason"].as_str().map(str::to_owned)
}

/// How many segments lie in the spool: those that are not archived and recorded yet, and the one that is being written.
pub fn spooled(stack: &Stack) -> usize {
    let sessions = fs::read_dir(stack.config().spool_dir()).into_iter().flatten().flatten();
    let files = sessions.flat_map(|session| fs::read_dir(session.path()).into_iter().flatten().flatten());
    let is_segment = |file: &fs::DirEntry| file.path().extension().is_some_and(|end| end == "ts");
    files.filter(is_segment).count()
}

/// The first media sequence number of a playlist.
pub fn first_msn(playlist: &str) -> Option<u64> {
    tag(playlist, "#EXT-X-MEDIA-SEQUENCE:")?.parse().ok()
}

/// The last media sequence number of a playlist.
pub fn last_msn(playlist: &str) -> Option<u64> {
    let segments = playlist.matches("#EXTINF:").count() as u64;
    Some(first_msn(playlist)? + segments.checked_sub(1)?)
}

/// The value of a playlist's tag.
pub fn tag<'a>(playlist: &'a str, name: &str) -> Option<&'a str> {
    playlist.lines().find_map(|line| line.strip_prefix(name))
}

/// Somebody who asks for a playlist again and again and keeps every version.
pub struct Watcher {
    versions: Arc<Mutex<Vec<(u64, String)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Watcher {
    /// Watches `path` from now on, several times per segment.
    pub fn of(api: &Api, path: String) -> Self {
        let versions = Arc::new(Mutex::new(Vec::<(u64, String)>::new()));
        let (kept, api, begun) = (Arc::clone(&versions), api.clone(), Instant::now());
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(150));
            loop {
                ticks.tick().await;
                let Ok(answer) = api.request(reqwest::Method::GET, &path).send().await else {
                    continue;
                };
                let is_playlist = answer.status().is_success();
                let Ok(text) = answer.text().await else { continue };
                let mut versions = kept.lock().unwrap();
                let is_new = versions.last().is_none_or(|(_, last)| *last != text);
                if is_playlist && is_new {
                    versions.push((u64::try_from(begun.elapsed().as_millis()).unwrap(), text));
                }
            }
        });
        Self { versions, task }
    }

    /// Every version so far: when it was first seen, in milliseconds from the beginning, and its text.
    pub fn versions(&self) -> Vec<(u64, String)> {
        self.versions.lock().unwrap().clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
