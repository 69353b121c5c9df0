//! Writes segments into the index, behind the playlists: viewers do not wait for the database.
//!
//! A segment's spool file stays until its row is written, so that a crash in between loses nothing: the next start
//! takes the file again and gives it the same number and name.

use std::{fs, io, path::PathBuf, time::Duration};

use sluice_domain::Millis;
use sluice_store::{Error, Store, segments};
use tokio::sync::mpsc;

use super::{spool_dirs::SpoolDirs, timeline::Placed};

use crate::error::chain;

/// Rows written at a time.
const BATCH: usize = 256;
/// Between two tries while the database is away.
const RETRY: Duration = Duration::from_secs(1);

/// Takes rows to write. Cheap to clone.
#[derive(Clone)]
pub(super) struct Recorder {
    queue: mpsc::UnboundedSender<Step>,
}

/// A segment that was archived.
#[derive(Debug)]
pub(super) struct Record {
    /// The channel's id.
    pub channel_id: String,
    /// The publish session's id.
    pub session: String,
    /// nginx's number within the session.
    pub seq: u64,
    /// The segment with its place.
    pub placed: Placed,
    /// Its size.
    pub bytes: u64,
    /// Its file in the spool.
    pub source: PathBuf,
}

#[derive(Debug)]
enum Step {
    Record(Box<Record>),
    Discard(PathBuf),
}

impl Recorder {
    /// Starts the task that writes; it ends when the last recorder is dropped and everything is written.
    pub(super) fn start(store: Store, spool: SpoolDirs) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, steps) = mpsc::unbounded_channel();
        (Self { queue }, tokio::spawn(run(store, spool, steps)))
    }

    /// Writes a segment's row, and then removes its spool file.
    pub(super) fn record(&self, record: Record) {
        // The task outlives every sender.
        let _ = self.queue.send(Step::Record(Box::new(record)));
    }

    /// Removes a session's spool directory, once all rows given before are written.
    pub(super) fn discard(&self, directory: PathBuf) {
        let _ = self.queue.send(Step::Discard(directory));
    }
}

async fn run(store: Store, spool: SpoolDirs, mut steps: mpsc::UnboundedReceiver<Step>) {
    let mut batch = Vec::with_capacity(BATCH);
    while steps.recv_many(&mut batch, BATCH).await > 0 {
        let records = batch.iter().filter_map(|step| match step {
            Step::Record(record) => Some(record.row()),
            Step::Discard(_) => None,
        });
        let rows: Vec<segments::Segment> = records.collect();
        if write(&store, &rows).await.is_err() {
            write_one_by_one(&store, &rows).await;
        }
        batch.drain(..).for_each(|step| clean(step, &spool));
    }
}

/// Writes rows; waits for as long as the database is away, full or read-only. Fails only where it says that the rows
/// cannot be: their channel is gone, or their place is taken.
async fn write(store: &Store, rows: &[segments::Segment]) -> Result<(), Error> {
    loop {
        match store.segments().insert_many(rows).await {
            Err(error @ (Error::Missing | Error::Conflict)) => return Err(error),
            Err(error) => {
                tracing::error!(error = %chain(&error), rows = rows.len(), "segments wait for the database");
                tokio::time::sleep(RETRY).await;
            }
            Ok(()) => return Ok(()),
        }
    }
}

/// Among rows that are refused together, as when a channel was deleted meanwhile, the good ones are kept.
async fn write_one_by_one(store: &Store, rows: &[segments::Segment]) {
    for row in rows {
        if let Err(error) = write(store, std::slice::from_ref(row)).await {
            tracing::error!(error = %chain(&error), session = row.session_id, seq = row.seq, "a segment is not in the index");
        }
    }
}

impl Record {
    fn row(&self) -> segments::Segment {
        let Placed { segment, starts_show } = &self.placed;
        segments::Segment {
            channel_id: self.channel_id.clone(),
            msn: signed(segment.msn),
            session_id: self.session.clone(),
            seq: signed(self.seq),
            name: segment.name.clone(),
            started_at: Millis(segment.started_at_ms),
            duration_us: signed(segment.duration_us),
            bytes: signed(self.bytes),
            discontinuity: segment.discontinuity,
            discontinuity_seq: signed(segment.discontinuity_seq),
            target_s: segment.target_s.into(),
            starts_show: *starts_show,
        }
    }
}

/// Databases count in signed numbers; ours stay far below their end.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn clean(step: Step, spool: &SpoolDirs) {
    let (path, removed) = match step {
        Step::Record(record) => {
            let removed = fs::remove_file(&record.source);
            (record.source, removed)
        }
        Step::Discard(directory) => {
            let removed = spool.take_back(&directory);
            (directory, removed)
        }
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "the spool keeps what it need not");
        }
        _ => {}
    }
}
