//! Thumbnails that show nothing: not yet, or no longer.
//!
//! An object that is put is noted down as waste first, and is taken from there when a row takes it over, in one
//! transaction with the row's old one that becomes waste. So nothing that is put is ever lost sight of, whoever is
//! killed when.

use sluice_domain::Millis;

use crate::Error;
use crate::recordings::Recordings;
use crate::statement::{Statement, Value, values};
use crate::thumbnailing::{At, Version};
use crate::thumbnails::Thumbnails;

/// Rows in one statement.
const BATCH: usize = 100;

impl Thumbnails<'_> {
    /// Notes that an object is about to be put, to be removed at `due` unless a row takes it over.
    pub async fn reserve(&self, object: &str, due: Millis) -> Result<(), Error> {
        let sql = "INSERT INTO thumbnail_waste (object, due_at) VALUES (?, ?)";
        self.db.execute(sql, values![object, due]).await.map(drop)
    }

    /// Up to `limit` objects that are due to be removed.
    pub async fn waste(&self, now: Millis, limit: u32) -> Result<Vec<String>, Error> {
        let sql = "SELECT object FROM thumbnail_waste WHERE due_at <= ? ORDER BY due_at LIMIT ?";
        let rows = self.db.rows(sql, values![now, i64::from(limit)]).await?;
        rows.iter().map(|row| row.get("object")).collect()
    }

    /// Forgets objects that were removed.
    pub async fn removed(&self, objects: &[String]) -> Result<(), Error> {
        for batch in objects.chunks(BATCH) {
            let mut delete = Statement::new("DELETE FROM thumbnail_waste WHERE object IN (");
            delete.repeat("?", batch.len());
            delete.values.extend(batch.iter().map(Value::from));
            delete.push(")", &[]);
            self.db.execute(delete.sql, &delete.values).await?;
        }
        Ok(())
    }

    /// Takes what shows nothing any more out of sight: sheets of which no segment is left, posters of shows that are gone,
    /// and what channels were shown by that are not live since `silent`, to be removed when it is due; and at once what a
    /// show's deletion has left that did not come to its end.
    pub async fn retire(&self, silent: Millis, at: At) -> Result<(), Error> {
        let recordings = Recordings { db: self.db };
        recordings.finish_deletions(at.now).await?;
        // Clocks of two processes differ, and a statement takes a moment.
        let deleted = "EXISTS (SELECT 1 FROM recordings r WHERE r.channel_id = storyboard_sheets.channel_id \
                       AND r.first_msn <= storyboard_sheets.last_msn AND r.last_msn >= storyboard_sheets.first_msn \
                       AND r.deleted_at >= storyboard_sheets.made_at - 10000)";
        self.discard("storyboard_sheets", deleted, &[], at.now).await?;
        let sheets = "NOT EXISTS (SELECT 1 FROM segments s WHERE s.channel_id = storyboard_sheets.channel_id \
                      AND s.msn >= storyboard_sheets.first_msn AND s.msn <= storyboard_sheets.last_msn \
                      AND s.place <> 'lost')";
        self.discard("storyboard_sheets", sheets, &[], at.due).await?;
        let deleted = "EXISTS (SELECT 1 FROM recordings r WHERE r.channel_id = show_posters.channel_id \
                       AND r.first_msn = show_posters.first_msn AND r.deleted_at IS NOT NULL)";
        self.discard("show_posters", deleted, &[], at.now).await?;
        let posters = "NOT EXISTS (SELECT 1 FROM recordings r WHERE r.channel_id = show_posters.channel_id \
                       AND r.first_msn = show_posters.first_msn)";
        self.discard("show_posters", posters, &[], at.due).await?;
        let live = "made_at <= ? AND NOT EXISTS (SELECT 1 FROM publish_sessions p \
                    WHERE p.live_channel_id = live_thumbnails.channel_id)";
        self.discard("live_thumbnails", live, values![silent], at.due).await
    }

    /// Has objects that begin with `prefix` and are due later be removed at `due`.
    pub async fn hasten(&self, prefix: &str, due: Millis) -> Result<(), Error> {
        let sql = "UPDATE thumbnail_waste SET due_at = ? WHERE due_at > ? AND SUBSTR(object, 1, LENGTH(?)) = ?";
        let values = values![due, due, prefix, prefix];
        self.db.execute(sql, values).await.map(drop)
    }

    /// Takes all that shows anything of a stretch of segments out of sight, to be removed at once. What else those sheets
    /// have shown is made anew.
    pub(crate) async fn forget(&self, channel_id: &str, (first, last): (i64, i64), now: Millis) -> Result<(), Error> {
        let stretch = values![channel_id, last, first];
        let sheets = "channel_id = ? AND first_msn <= ? AND last_msn >= ?";
        self.discard("storyboard_sheets", sheets, stretch, now).await?;
        let picture = "channel_id = ? AND msn <= ? AND msn >= ?";
        self.discard("show_posters", picture, stretch, now).await?;
        self.discard("live_thumbnails", picture, stretch, now).await
    }

    /// Takes rows out of a table; their objects are waste. Those that were noted go, and no others: what meets the condition
    /// may be another row a moment later.
    async fn discard(
        &self,
        table: &'static str,
        condition: &'static str,
        values: &[Value<'_>],
        due: Millis,
    ) -> Result<(), Error> {
        let mut waste = Statement::of(
            "INSERT INTO thumbnail_waste (object, due_at) SELECT object, ?",
            values![due],
        );
        waste
            .push("FROM", &[])
            .push(table, &[])
            .push("WHERE object IS NOT NULL AND", &[])
            .push(condition, values);
        let mut noted = Statement::new("DELETE FROM");
        noted
            .push(table, &[])
            .push("WHERE object IN (SELECT object FROM thumbnail_waste)", &[]);
        let mut without = Statement::new("DELETE FROM");
        without
            .push(table, &[])
            .push("WHERE object IS NULL AND", &[])
            .push(condition, values);
        match self.db.together(&[waste, noted]).await {
            // Somebody replaces one of them at this moment; the next time will do.
            Ok(_) | Err(Error::Conflict) => self.db.execute(without.sql, &without.values).await.map(drop),
            Err(error) => Err(error),
        }
    }

    /// Changes a row so that it takes over an object that was reserved; its old one is waste. First the old one is noted,
    /// here and above: of two who want the same row, one waits there for the other, and neither for both.
    pub(crate) async fn take_over(
        &self,
        object: Option<&str>,
        before: Option<&Version>,
        at: At,
        row: Statement<'_>,
    ) -> Result<bool, Error> {
        let mut steps = Vec::new();
        if let Some(old) = before.and_then(|before| before.object.as_deref()) {
            let sql = "INSERT INTO thumbnail_waste (object, due_at) VALUES (?, ?)";
            steps.push(Statement::of(sql, values![old, at.due]));
        }
        if let Some(object) = object {
            let sql = "DELETE FROM thumbnail_waste WHERE object = ?";
            steps.push(Statement::of(sql, values![object]));
        }
        steps.push(row);
        match self.db.together(&steps).await {
            Err(Error::Conflict | Error::Missing) => Ok(false),
            taken => taken,
        }
    }
}
