//! Which sheet is next, of those that grow and of what is missing of the past.

use std::time::Instant;

use sluice_domain::{Millis, storyboard};
use sluice_kit::clock;
use sluice_store::thumbnailing::Lacking;

use crate::aside::Aside;
use crate::sheets;
use crate::site::{Desk, Site};
use crate::trouble::Trouble;

/// What is looked through at a time.
const STRETCH: Millis = Millis::from_secs(3600);

/// The sheets to make.
#[derive(Default)]
pub(crate) struct Backlog {
    aside: Aside<(String, Millis)>,
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
    pub(crate) async fn growing(&mut self, desk: &mut Desk<'_>) -> Result<bool, Trouble> {
        let recent = storyboard::sheet(clock::now()).minus(storyboard::SHEET);
        let (settled, limit) = self.wanted(desk.site);
        let growing = desk.site.store.thumbnails().growing(recent, settled, limit).await?;
        match self.first(growing) {
            Some(lacking) => self.make(desk, &lacking).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Makes a sheet of the past, or looks further into it. False if nothing is missing there.
    pub(crate) async fn missing(&mut self, desk: &mut Desk<'_>) -> Result<bool, Trouble> {
        let site = desk.site;
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
        let (settled, limit) = self.wanted(site);
        let lacking = site.store.thumbnails().lacking((from, until), settled, limit).await?;
        match self.first(lacking) {
            Some(lacking) => self.make(desk, &lacking).await?,
            None => self.walk = Walk::Down(from),
        }
        Ok(true)
    }

    /// When sheets were made last, and how many to ask for: one more than are put aside.
    fn wanted(&self, site: &Site) -> (Millis, u32) {
        let settled = clock::now().minus(site.settings.sheet_every);
        (settled, self.aside.bound() + 1)
    }

    /// The first that is not put aside.
    fn first(&self, lacking: Vec<Lacking>) -> Option<Lacking> {
        let mut lacking = lacking.into_iter();
        lacking.find(|lacking| !self.aside.holds(&id(lacking)))
    }

    /// Makes a sheet; one that cannot be made is put aside, so that others are not kept waiting by it.
    async fn make(&mut self, desk: &mut Desk<'_>, lacking: &Lacking) -> Result<(), Trouble> {
        let made = sheets::make(desk, lacking).await;
        match made {
            Ok(true) => self.aside.made(&id(lacking)),
            Ok(false) | Err(_) => self.aside.put(id(lacking), &desk.site.settings),
        }
        made.map(drop)
    }
}

fn id(lacking: &Lacking) -> (String, Millis) {
    (lacking.channel_id.clone(), lacking.started_at)
}
