//! What channels that are live are shown by: the first of each ten seconds that is closed, whose small picture goes onto a
//! sheet, too.

use std::collections::HashMap;
use std::path::Path;

use sluice_domain::{Millis, storyboard};
use sluice_kit::clock;
use sluice_media::{Keyframe, Pictures, Want, pictures};
use sluice_objects::Thumbnail;
use sluice_store::thumbnailing::{Edge, NewLive};

use crate::aside::Aside;
use crate::keep;
use crate::reach::{self, Found};
use crate::site::{Desk, Site};
use crate::trouble::Trouble;

/// The round of live channels.
#[derive(Default)]
pub(crate) struct Live {
    looked_at: HashMap<String, Looked>,
    aside: Aside<String>,
    /// How many are still to be made one by one: whoever is to blame for a failure of several.
    alone: usize,
}

/// What was seen of a channel.
struct Looked {
    /// The newest segment that was looked at: there may be nothing to be seen in it.
    msn: i64,
    /// The ten seconds that it was last shown by.
    shown: Option<Millis>,
}

impl Live {
    /// Makes pictures of some of the channels whose last one is too old, of the oldest first. False if there are none.
    pub(crate) async fn turn(&mut self, desk: &mut Desk<'_>) -> Result<bool, Trouble> {
        let site = desk.site;
        let edges = site.store.thumbnails().edges().await?;
        self.looked_at
            .retain(|id, _| edges.iter().any(|edge| edge.channel_id == *id));
        let due = self.due(site, edges);
        let (mut found, mut trouble) = (Vec::new(), None);
        for edge in due {
            match reach::keyframe(site, &edge.slug, &edge.newest).await {
                Ok(Found::Keyframe(keyframe)) => found.push((edge, keyframe)),
                Ok(Found::Nothing) => {
                    desk.remembered.add(&edge.channel_id, &edge.newest, None);
                    self.looked_at(&edge, false);
                }
                Ok(Found::Elsewhere) => self.looked_at(&edge, false),
                Err(error) => {
                    self.aside.put(edge.channel_id, &site.settings);
                    trouble = Some(error);
                    break;
                }
            }
        }
        let worked = self.show_all(desk, &found).await?;
        trouble.map_or(Ok(worked), Err)
    }

    /// Makes a picture of each, by one ffmpeg. False if there are none.
    async fn show_all(&mut self, desk: &mut Desk<'_>, found: &[(Edge, Keyframe)]) -> Result<bool, Trouble> {
        let [(first, _), ..] = found else {
            return Ok(false);
        };
        let (site, scratch) = (desk.site, desk.scratch);
        let file = |number: usize| scratch.join(format!("live-{number}.jpg"));
        let wants = found.iter().enumerate();
        let wants: Vec<Want> = wants
            .map(|(number, (_, keyframe))| Want::Picture(keyframe.clone(), file(number)))
            .collect();
        let made = pictures(&wants, &site.settings.ffmpeg, scratch, site.settings.time_limit).await;
        self.alone = self.alone.saturating_sub(1);
        if made.is_err() {
            match found.len() {
                1 => self.aside.put(first.channel_id.clone(), &site.settings),
                several => self.alone = several,
            }
        }
        for (number, ((edge, keyframe), made)) in found.iter().zip(made?).enumerate() {
            match show(desk, edge, keyframe, (made, &file(number))).await {
                Ok(is_shown) => {
                    self.aside.made(&edge.channel_id);
                    self.looked_at(edge, is_shown);
                }
                Err(trouble) => {
                    self.aside.put(edge.channel_id.clone(), &site.settings);
                    return Err(trouble);
                }
            }
        }
        Ok(true)
    }

    fn looked_at(&mut self, edge: &Edge, is_shown: bool) {
        let before = self.looked_at.get(&edge.channel_id).and_then(|looked| looked.shown);
        let looked = Looked {
            msn: edge.newest.msn,
            shown: is_shown.then(|| storyboard::slot(edge.newest.started_at)).or(before),
        };
        self.looked_at.insert(edge.channel_id.clone(), looked);
    }

    fn due(&self, site: &Site, mut edges: Vec<Edge>) -> Vec<Edge> {
        let made_at = |edge: &Edge| edge.shown.as_ref().map_or(Millis(0), |shown| shown.made_at);
        let now = clock::now();
        edges.retain(|edge| {
            let looked = self.looked_at.get(&edge.channel_id);
            let slot = storyboard::slot(edge.newest.started_at);
            let is_new = looked.is_none_or(|looked| looked.msn != edge.newest.msn && looked.shown != Some(slot));
            let is_new = is_new && !self.aside.holds(&edge.channel_id);
            is_new && now.since(made_at(edge)) >= site.settings.live_rest
        });
        edges.sort_by_key(made_at);
        edges.truncate(if self.alone > 0 { 1 } else { site.settings.live_together });
        edges
    }
}

/// Shows a channel by what was made. False if that is nothing.
async fn show(
    desk: &mut Desk<'_>,
    edge: &Edge,
    keyframe: &Keyframe,
    (made, file): (Pictures, &Path),
) -> Result<bool, Trouble> {
    let Pictures::Picture(Some(tile)) = made else {
        return Ok(false);
    };
    let site = desk.site;
    let taken_at = edge.newest.started_at.plus(Millis(keyframe.offset_us / 1000));
    desk.remembered
        .add(&edge.channel_id, &edge.newest, Some((taken_at, tile)));
    let object = keep::put(site, &edge.slug, Thumbnail::Live, taken_at, file).await?;
    let new = NewLive {
        channel_id: &edge.channel_id,
        object: &object,
        taken_at,
        msn: edge.newest.msn,
    };
    let thumbnails = site.store.thumbnails();
    // Where that is not taken, somebody else was faster.
    thumbnails.show_live(&new, edge.shown.as_ref(), keep::at(site)).await?;
    tokio::fs::remove_file(file).await?;
    Ok(true)
}
