//! A low-latency player without a screen: waits for what comes next, as the playlist offers, and fetches it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::Method;
use tokio::task::{JoinHandle, JoinSet};

use crate::api::Api;

/// How long it waits before it asks again, where it got no playlist or one that is over.
const PAUSE: Duration = Duration::from_millis(100);

/// A player that watches until it is dropped.
#[derive(Debug)]
pub struct Player {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

/// What a player has seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Every version of the playlist: when it came, in milliseconds from the beginning, and its text.
    pub versions: Vec<(u64, String)>,
    /// What was fetched of it, by address as it is listed: all parts, those hinted before they were listed, and the
    /// segments listed in parts.
    pub bodies: HashMap<String, Vec<u8>>,
    /// Answers without a body: what was asked for, and the status or what became of the connection.
    pub refusals: Vec<(String, String)>,
}

impl Player {
    /// Watches a channel from now on.
    pub fn of(api: &Api, slug: &str) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let watching = Watching {
            api: api.clone(),
            base: format!("/live/{slug}/"),
            seen: Arc::clone(&seen),
            asked: HashSet::new(),
            fetching: JoinSet::new(),
        };
        Self {
            seen,
            task: tokio::spawn(watching.watch()),
        }
    }

    /// What it has seen so far.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Watching {
    api: Api,
    base: String,
    seen: Arc<Mutex<Seen>>,
    asked: HashSet<String>,
    fetching: JoinSet<()>,
}

impl Watching {
    async fn watch(mut self) {
        let begun = Instant::now();
        let mut next = String::new();
        loop {
            let address = format!("live.m3u8{next}");
            let answer = fetch(&self.api, &self.base, &address).await;
            match answer.map(|body| String::from_utf8(body).unwrap()) {
                Ok(text) => {
                    next = directives(&text);
                    self.fetch_what_is_new(&text);
                    let at_ms = u64::try_from(begun.elapsed().as_millis()).unwrap();
                    let mut seen = self.seen.lock().unwrap();
                    if seen.versions.last().is_none_or(|(_, last)| *last != text) {
                        seen.versions.push((at_ms, text));
                    }
                }
                Err(refusal) => {
                    next.clear();
                    self.seen.lock().unwrap().refusals.push((address, refusal));
                }
            }
            if next.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn fetch_what_is_new(&mut self, playlist: &str) {
        for address in addresses(playlist) {
            if !self.asked.insert(address.clone()) {
                continue;
            }
            let (api, base, seen) = (self.api.clone(), self.base.clone(), Arc::clone(&self.seen));
            self.fetching.spawn(async move {
                let answer = fetch(&api, &base, &address).await;
                let mut seen = seen.lock().unwrap();
                match answer {
                    Ok(body) => drop(seen.bodies.insert(address, body)),
                    Err(refusal) => seen.refusals.push((address, refusal)),
                }
            });
        }
    }
}

async fn fetch(api: &Api, base: &str, address: &str) -> Result<Vec<u8>, String> {
    let request = api.request(Method::GET, &format!("{base}{address}"));
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    if !answer.status().is_success() {
        return Err(answer.status().to_string());
    }
    let body = answer.bytes().await.map_err(|error| format!("{error:?}"))?;
    Ok(body.into())
}

/// What to ask for the playlist that comes after this one; nothing where it promises none.
fn directives(playlist: &str) -> String {
    let first = playlist
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")?.parse::<u64>().ok());
    let (Some(first), true) = (first, playlist.contains("CAN-BLOCK-RELOAD=YES")) else {
        return String::new();
    };
    let msn = first + playlist.matches("\n#EXTINF:").count() as u64;
    let open = playlist.rsplit("\n#EXTINF:").next().unwrap_or_default();
    match playlist.contains("#EXT-X-PART-INF:") {
        true => format!("?_HLS_msn={msn}&_HLS_part={}", open.matches("\n#EXT-X-PART:").count()),
        false => format!("?_HLS_msn={msn}"),
    }
}

/// Parts, the hinted one too, and segments that are listed in parts.
fn addresses(playlist: &str) -> Vec<String> {
    let (mut addresses, mut in_parts) = (Vec::new(), false);
    for line in playlist.lines() {
        if line.starts_with("#EXT-X-PART:") || line.starts_with("#EXT-X-PRELOAD-HINT:") {
            let uri = line.split("URI=\"").nth(1).and_then(|rest| rest.split('"').next());
            addresses.extend(uri.map(str::to_owned));
            in_parts = true;
        } else if !line.starts_with('#') {
            addresses.extend(std::mem::take(&mut in_parts).then(|| line.to_owned()));
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAYLIST: &str = "#EXTM3U\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n#EXT-X-PART-INF:PART-TARGET=0.367\n\
        #EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2.000,\nsegments/a.ts\n#EXT-X-PART:DURATION=0.333,URI=\"parts/1.ts\"\n\
        #EXTINF:2.000,\nsegments/b.ts\n#EXT-X-PART:DURATION=0.333,URI=\"parts/2.ts\"\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/3.ts\"\n";

    #[test]
    fn a_player_asks_for_the_part_after_the_newest_and_fetches_what_is_listed_in_parts() {
        assert_eq!(directives(PLAYLIST), "?_HLS_msn=9&_HLS_part=1");
        assert_eq!(directives("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-ENDLIST\n"), "");
        let fetched = ["parts/1.ts", "segments/b.ts", "parts/2.ts", "parts/3.ts"];
        assert_eq!(addresses(PLAYLIST), fetched);
    }
}
