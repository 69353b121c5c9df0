//! The one lane in which all is made, and the budget that bounds it.

use std::fs::File;
use std::future::Future;
use std::io;
use std::mem::Discriminant;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use sluice_kit::{backoff, clock};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::backlog::Backlog;
use crate::cpu;
use crate::live::Live;
use crate::posters::Posters;
use crate::remembered::Remembered;
use crate::site::{Desk, Site};
use crate::trouble::Trouble;

/// What was not touched for so long in the common directory is a killed thumbnailer's.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// Works until `stop` completes.
pub(crate) async fn run(site: &Site, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut lane = Lane::default();
    loop {
        let before = cpu::used();
        let turn = tokio::select! {
            () = &mut stop => return,
            turn = lane.turn(site) => turn,
        };
        let used = cpu::used().saturating_sub(before);
        let rest = cpu::rest(used, site.settings.budget);
        let pause = match turn.worked {
            true => rest,
            false => rest.max(site.settings.poll),
        };
        let pause = pause.max(lane.heard(turn, site));
        if timeout(pause, &mut stop).await.is_ok() {
            return;
        }
    }
}

/// What came of a turn.
#[derive(Default)]
struct Turn {
    /// Something was done.
    worked: bool,
    /// Something else could not be done.
    trouble: Option<Trouble>,
}

impl Turn {
    /// One thing more, and whether it was done.
    fn take(&mut self, done: Result<bool, Trouble>) -> bool {
        let worked = matches!(done, Ok(true));
        self.worked |= worked;
        self.trouble = done.err().or(self.trouble.take());
        worked
    }
}

#[derive(Default)]
struct Lane {
    live: Live,
    posters: Posters,
    backlog: Backlog,
    remembered: Remembered,
    scratch: Option<TempDir>,
    /// Which of the kinds of work has its turn.
    kind: usize,
    /// Turns without success, one after another.
    failures: i64,
    /// What was told of, and when it was last met.
    trouble: Option<(Discriminant<Trouble>, Instant)>,
}

/// Kinds of work that take turns, apart from what is live.
const KINDS: usize = 3;

impl Lane {
    /// What is live, then one thing of all else, each kind first in its turn: so that none waits for another for ever, nor
    /// because another cannot be done.
    async fn turn(&mut self, site: &Site) -> Turn {
        let mut turn = Turn::default();
        let used = self.scratch.take().filter(|used| touch(used.path()).is_ok());
        let scratch = match used.map_or_else(|| scratch(&site.settings.scratch), Ok) {
            Ok(scratch) => self.scratch.insert(scratch).path(),
            Err(error) => {
                turn.trouble = Some(error.into());
                return turn;
            }
        };
        let desk = &mut Desk {
            site,
            scratch,
            remembered: &mut self.remembered,
        };
        turn.take(self.live.turn(desk).await);
        for kind in self.kind..self.kind + KINDS {
            let done = match kind % KINDS {
                0 => self.backlog.growing(desk).await,
                1 => self.posters.turn(site, scratch).await,
                _ => self.backlog.missing(desk).await,
            };
            if turn.take(done) {
                break;
            }
        }
        self.kind = (self.kind + 1) % KINDS;
        turn
    }

    /// Says what the trouble is when it begins, and when it is over; and how long to wait. What is to blame alone is put
    /// aside already: so it is waited only where one thing after another cannot be done.
    fn heard(&mut self, turn: Turn, site: &Site) -> Duration {
        let settings = &site.settings;
        let Some(trouble) = turn.trouble else {
            self.failures = 0;
            let is_over = |(_, met): &mut (_, Instant)| met.elapsed() > settings.aside_longest;
            if turn.worked && self.trouble.take_if(is_over).is_some() {
                tracing::info!("all thumbnails are made again");
            }
            return Duration::ZERO;
        };
        let told = self.trouble.replace((trouble.kind(), Instant::now()));
        if told.map(|(kind, _)| kind) != Some(trouble.kind()) {
            tracing::warn!(%trouble, "a thumbnail cannot be made for now");
        }
        self.failures = if turn.worked { 0 } else { self.failures + 1 };
        match self.failures {
            0 | 1 => Duration::ZERO,
            more => backoff::jittered(backoff::doubled(settings.retry_first, more - 1, settings.retry_longest)),
        }
    }
}

/// A directory of one's own, and an end to those that killed thumbnailers left.
fn scratch(root: &Path) -> io::Result<TempDir> {
    std::fs::create_dir_all(root)?;
    for entry in std::fs::read_dir(root)?.flatten() {
        let modified = entry.metadata().and_then(|found| found.modified());
        let age = modified.ok().and_then(age);
        if age.is_some_and(|age| age > LEFT_BEHIND) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    tempfile::tempdir_in(root)
}

/// Says that a directory is in use. An error where it is gone.
fn touch(dir: &Path) -> io::Result<()> {
    let now = Duration::from_millis(clock::now().0.unsigned_abs());
    File::open(dir)?.set_modified(SystemTime::UNIX_EPOCH + now)
}

fn age(modified: SystemTime) -> Option<Duration> {
    modified.elapsed().ok()
}
