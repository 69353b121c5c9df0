//! What channels that are live are shown by: their newest closed segments.

use std::collections::HashMap;
use std::path::Path;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_media::{Keyframe, Pictures, Want, pictures};
use sluice_objects::Thumbnail;
use sluice_store::thumbnailing::{Edge, NewLive};

use crate::keep;
use crate::reach::{self, Found};
use crate::site::Site;
use crate::trouble::Trouble;

/// The round of live channels.
#[derive(Default)]
pub(crate) struct Live {
    /// The newest segment of each channel that was looked at: there may be nothing to be seen in it.
    looked_at: HashMap<String, i64>,
}

impl Live {
    /// Makes pictures of some of the channels whose last one is too old, of the oldest first. False if there are none.
    pub(crate) async fn turn(&mut self, site: &Site, scratch: &Path) -> Result<bool, Trouble> {
        let edges = site.store.thumbnails().edges().await?;
        self.looked_at
            .retain(|id, _| edges.iter().any(|edge| edge.channel_id == *id));
        let due = self.due(site, edges);
        let mut found = Vec::new();
        for edge in due {
            self.looked_at.insert(edge.channel_id.clone(), edge.newest.msn);
            if let Found::Keyframe(keyframe) = reach::keyframe(site, &edge.slug, &edge.newest).await? {
                found.push((edge, keyframe));
            }
        }
        let shown = show(site, scratch, &found).await;
        if shown.is_err() {
            // It was not their fault.
            for (edge, _) in &found {
                self.looked_at.remove(&edge.channel_id);
            }
        }
        shown.map(|()| !found.is_empty())
    }

    fn due(&self, site: &Site, mut edges: Vec<Edge>) -> Vec<Edge> {
        let made_at = |edge: &Edge| edge.shown.as_ref().map_or(Millis(0), |shown| shown.made_at);
        let now = clock::now();
        edges.retain(|edge| {
            now.since(made_at(edge)) >= site.settings.live_every
                && self.looked_at.get(&edge.channel_id) != Some(&edge.newest.msn)
        });
        edges.sort_by_key(made_at);
        edges.truncate(site.settings.live_together);
        edges
    }
}

/// Makes a picture of each, by one ffmpeg.
async fn show(site: &Site, scratch: &Path, found: &[(Edge, Keyframe)]) -> Result<(), Trouble> {
    if found.is_empty() {
        return Ok(());
    }
    let file = |number: usize| scratch.join(format!("live-{number}.jpg"));
    let wants = found.iter().enumerate();
    let wants: Vec<Want> = wants
        .map(|(number, (_, keyframe))| Want::Picture(keyframe.clone(), file(number)))
        .collect();
    let made = pictures(&wants, &site.settings.ffmpeg, scratch, site.settings.time_limit).await?;
    for (number, ((edge, keyframe), made)) in found.iter().zip(made).enumerate() {
        if made != Pictures::Picture(true) {
            continue;
        }
        let taken_at = edge.newest.started_at.plus(Millis(keyframe.offset_us / 1000));
        let object = keep::put(site, &edge.slug, Thumbnail::Live, taken_at, &file(number)).await?;
        let new = NewLive {
            channel_id: &edge.channel_id,
            object: &object,
            taken_at,
            msn: edge.newest.msn,
        };
        let thumbnails = site.store.thumbnails();
        // Where that is not taken, somebody else was faster.
        thumbnails.show_live(&new, edge.shown.as_ref(), keep::at(site)).await?;
        tokio::fs::remove_file(file(number)).await?;
    }
    Ok(())
}
