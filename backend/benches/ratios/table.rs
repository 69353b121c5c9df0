//! What is printed in the end.

use std::fmt;

use crate::meter::Run;

/// How often each side is measured; odd, so that a median is one of the runs.
pub(crate) const RUNS: usize = 5;

/// One line: what was measured, how it came out, what was aimed at.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) result: String,
    pub(crate) aim: String,
    pub(crate) met: bool,
}

impl Row {
    /// Both sides of every run; the aim is the least ratio of their answers a second.
    pub(crate) fn ratio(what: &str, pairs: &[Pair], aim: f64) -> Self {
        let side = |run: fn(&Pair) -> f64| median(pairs.iter().map(run));
        let (ours, bare) = (side(|pair| pair.ours.per_second), side(|pair| pair.bare.per_second));
        let (ours_us, bare_us) = (side(|pair| pair.ours.cpu_us), side(|pair| pair.bare.cpu_us));
        // Of each turn, not of the medians: a slow moment of the machine hits both sides of a turn.
        let ratio = side(|pair| pair.ours.per_second / pair.bare.per_second);
        Self {
            what: what.to_owned(),
            result: format!(
                "{ours:>7.0}/s against {bare:>7.0}/s = {ratio:.2}  (CPU {ours_us:.1} µs against {bare_us:.1} µs: {:.2})",
                bare_us / ours_us
            ),
            aim: format!("≥ {aim}"),
            met: ratio >= aim,
        }
    }
}

/// One run of both sides.
pub(crate) struct Pair {
    ours: Run,
    bare: Run,
}

/// Lets both sides take turns, so that a slow moment of the machine hits both; the first turn only warms up.
pub(crate) fn take_turns(ours: impl FnMut() -> Run, bare: impl FnMut() -> Run) -> Vec<Pair> {
    take_many_turns(RUNS, ours, bare)
}

/// The same with so many turns, where each is short.
pub(crate) fn take_many_turns(runs: usize, mut ours: impl FnMut() -> Run, mut bare: impl FnMut() -> Run) -> Vec<Pair> {
    let mut turn = |number: usize| {
        // Neither side always comes first.
        let first = number.is_multiple_of(2).then(&mut ours);
        let bare = bare();
        let ours = first.unwrap_or_else(&mut ours);
        Pair { ours, bare }
    };
    turn(0);
    (0..runs).map(turn).collect()
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// All rows, in columns.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    /// Adds a row, and shows it at once: the whole run takes minutes.
    pub(crate) fn add(&mut self, row: Row) {
        println!("measured: {}: {}", row.what, row.result);
        self.0.push(row);
    }

    /// Adds several.
    pub(crate) fn extend(&mut self, rows: Vec<Row>) {
        rows.into_iter().for_each(|row| self.add(row));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |cell: fn(&Row) -> &String| self.0.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0);
        let (what, result) = (widest(|row| &row.what), widest(|row| &row.result));
        writeln!(f)?;
        for row in &self.0 {
            let verdict = if row.met { "met" } else { "MISSED" };
            writeln!(
                f,
                "{:what$}   {:result$}   aim {:9} {verdict}",
                row.what, row.result, row.aim
            )?;
        }
        Ok(())
    }
}
