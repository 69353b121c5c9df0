//! The one lane in which all is made, and the budget that bounds it.

use std::future::Future;
use std::io;
use std::mem::Discriminant;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use sluice_kit::backoff;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::backlog::Backlog;
use crate::cpu;
use crate::live::Live;
use crate::posters::Posters;
use crate::site::Site;
use crate::trouble::Trouble;

/// What is older in the common directory is a killed thumbnailer's.
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
        let pause = match lane.heard(turn) {
            Some(Worked(true)) => cpu::rest(used, site.settings.budget),
            Some(Worked(false)) => cpu::rest(used, site.settings.budget).max(site.settings.poll),
            None => {
                let (first, longest) = (site.settings.retry_first, site.settings.retry_longest);
                backoff::jittered(backoff::doubled(first, lane.failures, longest))
            }
        };
        if timeout(pause, &mut stop).await.is_ok() {
            return;
        }
    }
}

/// Whether there was anything to do.
struct Worked(bool);

#[derive(Default)]
struct Lane {
    live: Live,
    posters: Posters,
    backlog: Backlog,
    scratch: Option<TempDir>,
    failures: i64,
    trouble: Option<Discriminant<Trouble>>,
}

impl Lane {
    /// What is live first, then one thing of all else: so that neither waits for the other for ever.
    async fn turn(&mut self, site: &Site) -> Result<Worked, Trouble> {
        let scratch = match self.scratch.take() {
            Some(scratch) => scratch,
            None => scratch(&site.settings.scratch)?,
        };
        let scratch = self.scratch.insert(scratch).path();
        let live = self.live.turn(site, scratch).await?;
        let other = self.backlog.growing(site, scratch).await?
            || self.posters.turn(site, scratch).await?
            || self.backlog.missing(site, scratch).await?;
        Ok(Worked(live || other))
    }

    /// Says what the trouble is when it begins, and when it is over.
    fn heard(&mut self, turn: Result<Worked, Trouble>) -> Option<Worked> {
        match turn {
            Ok(worked) => {
                if self.trouble.take().is_some() {
                    tracing::info!("thumbnails are made again");
                }
                self.failures = 0;
                Some(worked)
            }
            Err(trouble) => {
                if self.trouble.replace(trouble.kind()) != Some(trouble.kind()) {
                    tracing::warn!(%trouble, "no thumbnails are made for now");
                }
                self.failures += 1;
                None
            }
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

fn age(modified: SystemTime) -> Option<Duration> {
    modified.elapsed().ok()
}
