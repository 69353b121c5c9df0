//! Which sheet is next: those that grow, then what is missing of the past, from the newest on.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use sluice_domain::{Millis, storyboard};
use sluice_kit::clock;
use sluice_store::thumbnailing::Lacking;

use crate::sheets::Sheets;
use crate::site::Site;
use crate::trouble::Trouble;

/// What is looked through at a time.
const STRETCH: Millis = Millis::from_secs(3600);
/// Sheets asked for at a time: one more than are ever put aside in a stretch, as a rule.
const BATCH: u32 = 50;
/// How long a sheet is not tried again that could not be made.
const ASIDE: Duration = Duration::from_secs(600);

/// The sheets to make.
#[derive(Default)]
pub(crate) struct Backlog {
    sheets: Sheets,
    aside: HashMap<(String, Millis), Instant>,
    walk: Walk,
}

/// How far into the past it was looked.
#[derive(Clone, Copy, Debug)]
enum Walk {
    /// Nothing is missing from here on.
    Down(Millis),
    /// Nothing is missing at all; it is looked again from this moment on.
    Rests(Instant),
}

impl Default for Walk {
    fn default() -> Self {
        Self::Down(Millis(i64::MAX))
    }
}

impl Backlog {
    /// Makes the sheet that is growing and lacks something for longest. False if there is none.
    pub(crate) async fn growing(&mut self, site: &Site, scratch: &Path) -> Result<bool, Trouble> {
        let recent = storyboard::sheet(clock::now()).minus(storyboard::SHEET);
        match self.next(site, (recent, Millis(i64::MAX))).await? {
            Some(lacking) => self.make(site, scratch, &lacking).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Makes a sheet of the past, or looks further into it. False if nothing is missing there.
    pub(crate) async fn missing(&mut self, site: &Site, scratch: &Path) -> Result<bool, Trouble> {
        let below = match self.walk {
            Walk::Rests(until) if Instant::now() < until => return Ok(false),
            Walk::Rests(_) => Millis(i64::MAX),
            Walk::Down(below) => below,
        };
        let Some(newest) = site.store.thumbnails().newest_before(below).await? else {
            self.walk = Walk::Rests(Instant::now() + site.settings.look_back_every);
            return Ok(false);
        };
        let until = storyboard::sheet(newest).plus(storyboard::SHEET);
        let from = until.minus(STRETCH);
        match self.next(site, (from, until)).await? {
            Some(lacking) => self.make(site, scratch, &lacking).await?,
            None => self.walk = Walk::Down(from),
        }
        Ok(true)
    }

    /// The newest sheet between two moments that lacks something.
    async fn next(&mut self, site: &Site, between: (Millis, Millis)) -> Result<Option<Lacking>, Trouble> {
        self.aside.retain(|_, until| *until > Instant::now());
        let settled = clock::now().minus(site.settings.sheet_every);
        let lacking = site.store.thumbnails().lacking(between, settled, BATCH).await?;
        let mut lacking = lacking.into_iter();
        Ok(lacking.find(|lacking| !self.aside.contains_key(&id(lacking))))
    }

    /// Makes a sheet; one that cannot be made is put aside, so that others are not kept waiting by it.
    async fn make(&mut self, site: &Site, scratch: &Path, lacking: &Lacking) -> Result<(), Trouble> {
        let made = self.sheets.make(site, scratch, lacking).await;
        let is_its_fault = matches!(
            &made,
            Ok(false) | Err(Trouble::Ffmpeg(sluice_media::Error::Slow { .. }))
        );
        if is_its_fault {
            self.aside.insert(id(lacking), Instant::now() + ASIDE);
        }
        made.map(drop)
    }
}

fn id(lacking: &Lacking) -> (String, Millis) {
    (lacking.channel_id.clone(), lacking.started_at)
}
