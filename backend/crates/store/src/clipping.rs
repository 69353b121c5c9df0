//! How clips are made: what there is to cut them from, and what whoever has a clip's job says of it.
//!
//! Only the newest lease of a clip's newest job has a say: one that was given up for dead, or belongs to an attempt before
//! somebody tried again, changes nothing any more.

use sluice_domain::Millis;
use sluice_domain::clip::{Range, Reason};

use crate::Error;
use crate::clips::{Clips, Made};
use crate::jobs::Job;
use crate::recordings::Piece;
use crate::statement::{Statement, values};

/// No segment is longer: nginx cuts after 20 s at the latest.
const LONGEST_SEGMENT: Millis = Millis::from_secs(60);

/// The condition that a segment `s` is not part of what a clip in the making shows.
pub(crate) const NOT_IN_A_CLIP: &str = "AND NOT EXISTS (SELECT 1 FROM clips k WHERE k.channel_id = s.channel_id \
     AND k.state IN ('queued', 'running') AND k.start_ms * 1000 < s.started_at * 1000 + s.duration_us \
     AND k.end_ms > s.started_at)";

impl Clips<'_> {
    /// What there is of a range, oldest first: each segment that meets it and is not lost. Up to an hour of one-second
    /// segments and some.
    pub async fn pieces(&self, channel_id: &str, range: Range) -> Result<Vec<Piece>, Error> {
        let mut select = Statement::new(
            "SELECT s.msn, s.name, s.started_at, s.duration_us, s.bytes, s.discontinuity, s.discontinuity_seq, s.place \
             FROM segments s",
        );
        meeting(&mut select, channel_id, range);
        select.push("ORDER BY s.msn LIMIT 8000", &[]);
        self.db.all(select.sql, &select.values).await
    }

    /// Whether anything of a range is there for somebody who can rewind the channel to the moment `listed_from`, and to
    /// all that is kept.
    pub async fn is_recorded(&self, channel_id: &str, range: Range, listed_from: Millis) -> Result<bool, Error> {
        let mut select = Statement::new("SELECT s.msn FROM segments s");
        meeting(&mut select, channel_id, range);
        select.push(
            "AND (s.started_at >= ? OR EXISTS (SELECT 1 FROM recordings r WHERE r.channel_id = s.channel_id \
             AND r.kept_at IS NOT NULL AND r.deleted_at IS NULL AND r.first_msn <= s.msn \
             AND (r.last_msn IS NULL OR r.last_msn >= s.msn))) LIMIT 1",
            values![listed_from],
        );
        Ok(!self.db.rows(select.sql, &select.values).await?.is_empty())
    }

    /// Records that a leased `job` begins to make its clip. False if the clip is not there any more or is not to be made,
    /// or the lease is not the newest; so it is below.
    pub async fn start(&self, clip: &str, job: &Job, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE clips SET state = 'running', progress = 0, attempt = ?, updated_at = ? \
                   WHERE id = ? AND job_id = ? AND attempt <= ? AND state IN ('queued', 'running')";
        let values = values![job.attempts, now, clip, &job.id, job.attempts];
        self.db.changed(sql, values).await
    }

    /// Records how far it is, in thousandths.
    pub async fn progress(&self, clip: &str, job: &Job, thousandths: i64, now: Millis) -> Result<bool, Error> {
        let thousandths = thousandths.clamp(0, 1000);
        let update = Statement::of("UPDATE clips SET progress = ?", values![thousandths]);
        self.say(update, clip, job, now).await
    }

    /// Records that it waits again: for the live edge, or for another attempt.
    pub async fn put_back(&self, clip: &str, job: &Job, now: Millis) -> Result<bool, Error> {
        let update = Statement::new("UPDATE clips SET state = 'queued', progress = 0");
        self.say(update, clip, job, now).await
    }

    /// Records that it is there to be played.
    pub async fn ready(&self, clip: &str, job: &Job, made: &Made, now: Millis) -> Result<bool, Error> {
        let sql = "UPDATE clips SET state = 'ready', progress = 1000, ready_at = ?, actual_start_ms = ?, \
                   duration_ms = ?, bytes = ?, width = ?, height = ?, frame_rate_milli = ?";
        let values = values![
            now,
            made.actual_start_at,
            made.duration_ms,
            made.bytes,
            made.width,
            made.height,
            made.frame_rate_milli,
        ];
        self.say(Statement::of(sql, values), clip, job, now).await
    }

    /// Records that it came to nothing.
    pub async fn fail(&self, clip: &str, job: &Job, reason: Reason, now: Millis) -> Result<bool, Error> {
        let update = Statement::of(
            "UPDATE clips SET state = 'failed', reason = ?",
            values![reason.as_str()],
        );
        self.say(update, clip, job, now).await
    }

    /// Records of clips whose jobs are over without a word that they came to nothing; how many those were.
    pub async fn give_up_orphans(&self, now: Millis) -> Result<u64, Error> {
        let sql = "UPDATE clips SET state = 'failed', reason = ?, updated_at = ? WHERE state IN ('queued', 'running') \
                   AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = clips.job_id AND j.state IN ('queued', 'running'))";
        self.db.execute(sql, values![Reason::Internal.as_str(), now]).await
    }

    /// Changes a clip that is being made, for whoever makes it.
    async fn say(&self, mut update: Statement<'_>, clip: &str, job: &Job, now: Millis) -> Result<bool, Error> {
        update.push(", updated_at = ?", values![now]);
        let mut values = update.values;
        values.extend_from_slice(values![clip, &job.id, job.attempts]);
        let sql = update.sql + " WHERE id = ? AND job_id = ? AND attempt = ? AND state = 'running'";
        Ok(self.db.execute(sql, &values).await? > 0)
    }
}

/// Goes on with the condition that a segment of a channel is there and meets a range. The first of the moments is for the
/// database, which finds it in an index.
fn meeting<'s>(select: &mut Statement<'s>, channel_id: &'s str, range: Range) {
    let (start, end) = (range.start(), range.end());
    select.push(
        "WHERE s.channel_id = ? AND s.place <> 'lost' AND s.started_at >= ? AND s.started_at < ? \
         AND s.started_at * 1000 + s.duration_us > ?",
        values![
            channel_id,
            start.minus(LONGEST_SEGMENT),
            end,
            start.0.saturating_mul(1000)
        ],
    );
}
