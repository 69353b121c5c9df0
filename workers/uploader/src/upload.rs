//! The queue: takes what waits, newest first, and keeps as many attempts going as may be.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sluice_kit::backoff;
use sluice_objects::Fault;
use sluice_store::offload::Kept;
use sluice_store::storage::State;
use tokio::task::{self, JoinError, JoinSet};

use crate::attempt::{self, Outcome};
use crate::gate::Gate;
use crate::site::Site;
use crate::stop::Stop;

/// Segments asked for at a time, beside those that are underway or asleep.
const BATCH: usize = 64;
/// Between two questions while the database is away.
const AWAY: Duration = Duration::from_secs(1);

/// A segment, by its channel and number.
type Id = (String, i64);

struct Queue {
    site: Arc<Site>,
    gate: Gate,
    ready: VecDeque<Task>,
    /// There may be more than what is ready.
    more: bool,
    ask_at: Instant,
    tasks: JoinSet<Outcome>,
    underway: HashMap<task::Id, (Kept, Instant)>,
    asleep: HashMap<Id, Asleep>,
}

/// What is to be done next with a segment.
enum Task {
    Store(Kept),
    TakeBack(Kept),
}

/// A segment that failed and waits for its next attempt. The store may have taken it all the same.
struct Asleep {
    kept: Kept,
    attempts: i64,
    until: Instant,
}

/// Uploads until it is told to stop, and lets what is underway end within the grace.
pub(crate) async fn run(site: &Arc<Site>, mut stop: Stop) {
    let mut queue = Queue::new(Arc::clone(site));
    queue.look_again_for_the_lost().await;
    loop {
        let pause = queue.start().await;
        tokio::select! {
            biased;
            () = stop.wait() => break,
            Some(done) = queue.tasks.join_next_with_id() => queue.settle(done),
            () = tokio::time::sleep(pause) => {}
        }
    }
    let ended = async { while queue.tasks.join_next().await.is_some() {} };
    // What does not end in time is stopped, and done again by the next uploader.
    let _ = tokio::time::timeout(site.settings.grace, ended).await;
}

impl Queue {
    fn new(site: Arc<Site>) -> Self {
        let settings = &site.settings;
        Self {
            gate: Gate::new(settings.parallel, settings.retry_first, settings.retry_longest),
            ready: VecDeque::new(),
            more: true,
            ask_at: Instant::now(),
            tasks: JoinSet::new(),
            underway: HashMap::new(),
            asleep: HashMap::new(),
            site,
        }
    }

    /// A disk that was not there when they were looked for may be there now.
    async fn look_again_for_the_lost(&self) {
        if let Err(error) = self.site.store.offload().look_again().await {
            tracing::warn!(error = attempt::cause(&error), "lost segments are not looked for again");
        }
    }

    /// Begins as many attempts as may be. Says when to come back at the latest.
    async fn start(&mut self) -> Duration {
        let now = Instant::now();
        let free = self.site.settings.parallel.saturating_sub(self.underway.len());
        if free == 0 {
            return self.site.settings.poll;
        }
        if now >= self.ask_at || (self.ready.is_empty() && self.more) {
            self.ask().await;
        }
        let wanted = free.min(self.ready.len());
        for _ in 0..self.gate.admit(wanted, now) {
            if let Some(task) = self.ready.pop_front() {
                self.begin(task);
            }
        }
        let reopens = self.gate.reopens().filter(|_| !self.ready.is_empty());
        let until = self.ask_at.min(reopens.unwrap_or(self.ask_at));
        until
            .saturating_duration_since(Instant::now())
            .max(Duration::from_millis(1))
    }

    /// Asks for what waits, from the newest on.
    async fn ask(&mut self) {
        let now = Instant::now();
        let besides = self.underway.len() + self.asleep.len();
        let limit = besides + BATCH;
        match self
            .site
            .store
            .offload()
            .waiting(u32::try_from(limit).unwrap_or(u32::MAX))
            .await
        {
            Ok(rows) => {
                self.more = rows.len() == limit;
                let unwanted = self.unwanted(&rows);
                let underway: HashSet<Id> = self.underway.values().map(|(kept, _)| id_of(kept)).collect();
                let may = |kept: &Kept| {
                    let id = id_of(kept);
                    !underway.contains(&id) && self.asleep.get(&id).is_none_or(|asleep| asleep.until <= now)
                };
                let stored = rows.into_iter().filter(&may).map(Task::Store);
                let taken_back = unwanted.into_iter().filter(&may).map(Task::TakeBack);
                self.ready = stored.chain(taken_back).collect();
                self.ask_at = now + self.site.settings.poll;
            }
            Err(error) => {
                tracing::warn!(error = attempt::cause(&error), "cannot ask what waits to be stored");
                self.more = false;
                self.ready.clear();
                self.ask_at = now + backoff::jittered(AWAY);
            }
        }
    }

    /// Sleepers that do not wait any more, once all that wait are known: somebody else has stored them, or they were
    /// removed, and the store may have them all the same.
    fn unwanted(&self, rows: &[Kept]) -> Vec<Kept> {
        if self.more || self.asleep.is_empty() {
            return Vec::new();
        }
        let waiting: HashSet<Id> = rows.iter().map(id_of).collect();
        let unwanted = self.asleep.iter().filter(|(id, _)| !waiting.contains(id));
        unwanted.map(|(_, asleep)| asleep.kept.clone()).collect()
    }

    fn begin(&mut self, task: Task) {
        let site = Arc::clone(&self.site);
        let (kept, begun) = match task {
            Task::Store(kept) => (kept.clone(), self.tasks.spawn(attempt::attempt(site, kept))),
            Task::TakeBack(kept) => (kept.clone(), self.tasks.spawn(attempt::take_back(site, kept))),
        };
        self.underway.insert(begun.id(), (kept, Instant::now()));
    }

    fn settle(&mut self, done: Result<(task::Id, Outcome), JoinError>) {
        let (task, outcome) = match done {
            Ok((task, outcome)) => (task, Some(outcome)),
            Err(error) => {
                tracing::error!(%error, "an upload ended without a word");
                (error.id(), None)
            }
        };
        let Some((kept, began)) = self.underway.remove(&task) else {
            return;
        };
        match outcome {
            Some(Outcome::Done) => {
                self.asleep.remove(&id_of(&kept));
                self.succeeded();
            }
            Some(Outcome::Over) => drop(self.asleep.remove(&id_of(&kept))),
            Some(Outcome::Failed(fault)) => self.failed(kept, &fault, began),
            None => self.send_to_sleep(kept),
        }
    }

    fn succeeded(&mut self) {
        if self.gate.succeeded() {
            tracing::info!("the object store takes segments again");
            // It was not their fault.
            let now = Instant::now();
            for asleep in self.asleep.values_mut() {
                (asleep.attempts, asleep.until) = (0, now);
            }
            let mut standing = self.site.standing();
            standing.state = State::Working;
            standing.store_problem = None;
        }
    }

    fn failed(&mut self, kept: Kept, fault: &Fault, began: Instant) {
        self.site.counts.failed.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(%fault, "a segment was not stored this time");
        let shuts = self.gate.failed(fault.kind, began, Instant::now(), backoff::jittered);
        if shuts {
            tracing::error!(%fault, "the object store takes no segments; they stay on disk meanwhile");
        }
        let state = self.gate.state();
        if state != State::Working {
            let mut standing = self.site.standing();
            standing.state = state;
            standing.store_problem = Some(fault.to_string());
        }
        self.send_to_sleep(kept);
    }

    fn send_to_sleep(&mut self, kept: Kept) {
        let id = id_of(&kept);
        let settings = &self.site.settings;
        let attempts = self.asleep.get(&id).map_or(1, |asleep| asleep.attempts + 1);
        let wait = backoff::doubled(settings.retry_first, attempts, settings.retry_longest);
        let until = Instant::now() + backoff::jittered(wait);
        self.asleep.insert(id, Asleep { kept, attempts, until });
    }
}

fn id_of(kept: &Kept) -> Id {
    (kept.channel_id.clone(), kept.msn)
}
